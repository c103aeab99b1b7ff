"""What "the same" means in numbers."""

from __future__ import annotations

from dataclasses import dataclass

from translator.workers.rows import ROUNDING

FLOAT32_STEP = 2.0**-23


@dataclass(frozen=True, slots=True)
class Limits:
    """How far two results may be apart.

    Args:
        gate: largest absolute error of an output; relative to the output's scale when that is below 1.
        noise_factor: how many times the float32 error of either side, measured against float64, is still noise.
    """

    gate: float = 1e-4
    noise_factor: float = 20.0

    def output_gate(self, scale: float) -> float:
        """The bar for a model's output whose largest magnitude is ``scale``."""
        return self.gate * min(1.0, scale) if scale > 0 else self.gate

    def row_gate(self, scale: float, noise: float | None) -> float:
        """The bar for the rows of a selection, whose float32 error is ``noise`` on one side.

        Coordinates of pixels are large: float32 itself may be further from the exact numbers than the gate. Then the
        bar is the error of both sides. More than a thousandth of the scale is no rounding.
        """
        gate = self.output_gate(scale)
        is_rounding = noise is not None and noise <= ROUNDING * scale
        return max(gate, 2 * noise) if noise is not None and is_rounding and scale > 1 else gate

    def layer_gate(self, scale: float) -> float:
        """The bar inside a model, where magnitudes are not the user's choice: relative."""
        return self.gate * scale if scale > 0 else self.gate

    def noise_limit(self, scale: float, noise: float | None) -> float:
        """The largest difference that rounding explains: a few float32 steps at least."""
        return self.noise_factor * max(noise or 0.0, FLOAT32_STEP * scale)


DEFAULT_LIMITS = Limits()
