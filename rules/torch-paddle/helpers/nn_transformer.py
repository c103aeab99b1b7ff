"""Transformers whose layers carry the source's names, arguments and order of operations."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import paddle

Activation = Callable[[paddle.Tensor], paddle.Tensor]


def activation_of(name: str | Activation) -> Activation:
    """The function of an activation's name, ``relu`` or ``gelu``; a function is given back.

    Raises:
        RuntimeError: another name.
    """
    if callable(name):
        return name
    if name not in ("relu", "gelu"):
        raise RuntimeError(f"activation should be relu/gelu, not {name}")
    return getattr(paddle.nn.functional, name)


class TransformerLayer(paddle.nn.Layer):
    """What encoder and decoder layers share: attention to itself, and two linear maps with an activation between.

    Args:
        d_model: features.
        nhead: heads, which share the features.
        dim_feedforward: features between the linear maps.
        activation: ``relu``, ``gelu``, or a function.
        batch_first: the input is (batch, length, features), else (length, batch, features).
        norm_first: normalise what goes into each block, not what comes out.
        bias: of all maps and normalisations.
    """

    norms = 2

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str | Activation = "relu",
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.norm_first, self.activation = norm_first, activation_of(activation)
        self.self_attn = paddle.compat.nn.MultiheadAttention(d_model, nhead, dropout, bias, batch_first=batch_first)
        if self.norms == 3:
            self.multihead_attn = paddle.compat.nn.MultiheadAttention(
                d_model, nhead, dropout, bias, batch_first=batch_first
            )
        bias_attr = None if bias else False
        self.linear1 = paddle.nn.Linear(d_model, dim_feedforward, bias_attr=bias_attr)
        self.dropout = paddle.nn.Dropout(dropout)
        self.linear2 = paddle.nn.Linear(dim_feedforward, d_model, bias_attr=bias_attr)
        for number in range(1, self.norms + 1):
            norm = paddle.nn.LayerNorm(d_model, layer_norm_eps, bias_attr=bias_attr)
            setattr(self, f"norm{number}", norm)
            setattr(self, f"dropout{number}", paddle.nn.Dropout(dropout))

    def _attend(
        self,
        attention: paddle.nn.Layer,
        x: paddle.Tensor,
        memory: paddle.Tensor,
        mask: paddle.Tensor | None,
        padding_mask: paddle.Tensor | None,
    ) -> paddle.Tensor:
        return attention(x, memory, memory, attn_mask=mask, key_padding_mask=padding_mask, need_weights=False)[0]

    def _feed_forward(self, x: paddle.Tensor) -> paddle.Tensor:
        return self.linear2(self.dropout(self.activation(self.linear1(x))))

    def _step(self, number: int, block: Activation, x: paddle.Tensor) -> paddle.Tensor:
        """``x`` and what ``block`` makes of it, normalised before or after."""
        norm, dropout = getattr(self, f"norm{number}"), getattr(self, f"dropout{number}")
        return x + dropout(block(norm(x))) if self.norm_first else norm(x + dropout(block(x)))


class TransformerEncoderLayer(TransformerLayer):
    """Attention to itself, then two linear maps; see ``TransformerLayer`` for the arguments."""

    def forward(
        self,
        src: paddle.Tensor,
        src_mask: paddle.Tensor | None = None,
        src_key_padding_mask: paddle.Tensor | None = None,
        is_causal: bool = False,
    ) -> paddle.Tensor:
        """A tensor of the shape of ``src``; ``is_causal`` only says what ``src_mask`` is."""
        x = self._step(1, lambda x: self._attend(self.self_attn, x, x, src_mask, src_key_padding_mask), src)
        return self._step(2, self._feed_forward, x)


class TransformerDecoderLayer(TransformerLayer):
    """Attention to itself, to a memory, then two linear maps; see ``TransformerLayer`` for the arguments."""

    norms = 3

    def forward(
        self,
        tgt: paddle.Tensor,
        memory: paddle.Tensor,
        tgt_mask: paddle.Tensor | None = None,
        memory_mask: paddle.Tensor | None = None,
        tgt_key_padding_mask: paddle.Tensor | None = None,
        memory_key_padding_mask: paddle.Tensor | None = None,
        tgt_is_causal: bool = False,
        memory_is_causal: bool = False,
    ) -> paddle.Tensor:
        """A tensor of the shape of ``tgt``; ``*_is_causal`` only say what the masks are."""
        x = self._step(1, lambda x: self._attend(self.self_attn, x, x, tgt_mask, tgt_key_padding_mask), tgt)
        x = self._step(
            2, lambda x: self._attend(self.multihead_attn, x, memory, memory_mask, memory_key_padding_mask), x
        )
        return self._step(3, self._feed_forward, x)


class TransformerEncoder(paddle.nn.Layer):
    """Copies of an encoder layer, one after the other.

    Args:
        encoder_layer: is copied ``num_layers`` times.
        norm: a layer for the result.
    """

    def __init__(self, encoder_layer: paddle.nn.Layer, num_layers: int, norm: paddle.nn.Layer | None = None) -> None:
        super().__init__()
        self.layers = paddle.nn.LayerList([copy.deepcopy(encoder_layer) for _ in range(num_layers)])
        self.num_layers, self.norm = num_layers, norm

    def forward(
        self,
        src: paddle.Tensor,
        mask: paddle.Tensor | None = None,
        src_key_padding_mask: paddle.Tensor | None = None,
        is_causal: bool | None = None,
    ) -> paddle.Tensor:
        """A tensor of the shape of ``src``."""
        for layer in self.layers:
            src = layer(src, src_mask=mask, src_key_padding_mask=src_key_padding_mask, is_causal=bool(is_causal))
        return src if self.norm is None else self.norm(src)


class TransformerDecoder(paddle.nn.Layer):
    """Copies of a decoder layer, one after the other.

    Args:
        decoder_layer: is copied ``num_layers`` times.
        norm: a layer for the result.
    """

    def __init__(self, decoder_layer: paddle.nn.Layer, num_layers: int, norm: paddle.nn.Layer | None = None) -> None:
        super().__init__()
        self.layers = paddle.nn.LayerList([copy.deepcopy(decoder_layer) for _ in range(num_layers)])
        self.num_layers, self.norm = num_layers, norm

    def forward(
        self,
        tgt: paddle.Tensor,
        memory: paddle.Tensor,
        tgt_mask: paddle.Tensor | None = None,
        memory_mask: paddle.Tensor | None = None,
        tgt_key_padding_mask: paddle.Tensor | None = None,
        memory_key_padding_mask: paddle.Tensor | None = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> paddle.Tensor:
        """A tensor of the shape of ``tgt``."""
        for layer in self.layers:
            tgt = layer(
                tgt,
                memory,
                tgt_mask=tgt_mask,
                memory_mask=memory_mask,
                tgt_key_padding_mask=tgt_key_padding_mask,
                memory_key_padding_mask=memory_key_padding_mask,
                tgt_is_causal=bool(tgt_is_causal),
                memory_is_causal=memory_is_causal,
            )
        return tgt if self.norm is None else self.norm(tgt)


class ProjectedAttention(paddle.compat.nn.MultiheadAttention):
    """Attention with keys and values of other sizes; the biases of the three projections are one parameter."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        parts = [self._parameters.pop(f"{name}_proj_bias", None) for name in "qkv"]
        if parts[0] is not None:
            self.in_proj_bias = paddle.nn.Parameter(paddle.concat([one.detach() for one in parts]))

    def _part(self, number: int) -> paddle.Tensor | None:
        bias, size = self._parameters.get("in_proj_bias"), self.embed_dim
        return None if bias is None else bias[number * size : (number + 1) * size]

    q_proj_bias = property(lambda self: self._part(0), lambda _, __: None)
    k_proj_bias = property(lambda self: self._part(1), lambda _, __: None)
    v_proj_bias = property(lambda self: self._part(2), lambda _, __: None)


class Transformer(paddle.nn.Layer):
    """An encoder, and a decoder that attends to what it gives; see ``TransformerLayer`` for the other arguments.

    Args:
        num_encoder_layers: layers of the encoder; ``num_decoder_layers`` of the decoder.
    """

    def __init__(
        self,
        d_model: int = 512,
        nhead: int = 8,
        num_encoder_layers: int = 6,
        num_decoder_layers: int = 6,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str | Activation = "relu",
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
    ) -> None:
        super().__init__()
        settings = (dim_feedforward, dropout, activation, layer_norm_eps, batch_first, norm_first, bias)
        norms = [paddle.nn.LayerNorm(d_model, layer_norm_eps, bias_attr=None if bias else False) for _ in range(2)]
        encoder_layer = TransformerEncoderLayer(d_model, nhead, *settings)
        self.encoder = TransformerEncoder(encoder_layer, num_encoder_layers, norms[0])
        self.decoder = TransformerDecoder(
            TransformerDecoderLayer(d_model, nhead, *settings), num_decoder_layers, norms[1]
        )
        self.d_model, self.nhead, self.batch_first = d_model, nhead, batch_first

    def forward(
        self,
        src: paddle.Tensor,
        tgt: paddle.Tensor,
        src_mask: paddle.Tensor | None = None,
        tgt_mask: paddle.Tensor | None = None,
        memory_mask: paddle.Tensor | None = None,
        src_key_padding_mask: paddle.Tensor | None = None,
        tgt_key_padding_mask: paddle.Tensor | None = None,
        memory_key_padding_mask: paddle.Tensor | None = None,
        src_is_causal: bool | None = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> paddle.Tensor:
        """A tensor of the shape of ``tgt``; ``*_is_causal`` only say what the masks are."""
        memory = self.encoder(src, src_mask, src_key_padding_mask)
        return self.decoder(
            tgt, memory, tgt_mask, memory_mask, tgt_key_padding_mask, memory_key_padding_mask
        )  # fmt: skip


def causal_mask(size: int) -> paddle.Tensor:
    """A mask to be added to scores (size, size): minus infinity where a step would see a later one."""
    return paddle.full([size, size], float("-inf")).triu(1)
