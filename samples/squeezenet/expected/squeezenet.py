# -*- coding: utf-8 -*-
"""SqueezeNet: AlexNet-level accuracy with 50x fewer parameters (https://arxiv.org/abs/1602.07360).

Both published versions: 1.0, and 1.1 with 2.4x less computation at the same accuracy.
"""
import paddle
import paddle.nn as nn
from paddle_helpers import load_converted_checkpoint, load_state_dict
from typing import Any

__all__ = ['SqueezeNet', 'squeezenet1_0', "squeezenet1_1"]

model_urls = {
    'squeezenet1_0': 'https://download.pytorch.org/models/squeezenet1_0-b66bff10.pth',
    'squeezenet1_1': 'https://download.pytorch.org/models/squeezenet1_1-b8a52dc0.pth',
}


class Fire(nn.Layer):
    """Squeeze to few channels with 1x1 filters, then expand with 1x1 and 3x3 filters side by side.

    The output has ``expand1x1_planes + expand3x3_planes`` channels; height and width stay.
    """

    def __init__(
        self,
        inplanes: int,
        squeeze_planes: int,
        expand1x1_planes: int,
        expand3x3_planes: int   # no trailing comma: the layout is the author's
    ) -> None:
        super(Fire, self).__init__()
        self.inplanes = inplanes
        self.squeeze = nn.Conv2D(inplanes, squeeze_planes, kernel_size=1)
        self.squeeze_activation = nn.ReLU()
        self.expand1x1 = nn.Conv2D(squeeze_planes, expand1x1_planes,
                                   kernel_size=1)
        self.expand1x1_activation = nn.ReLU()  # (batch, expand1x1_planes, H, W)
        self.expand3x3 = nn.Conv2D( squeeze_planes, expand3x3_planes,
                                    kernel_size=3, padding=1 )  # padding keeps height and width
        self.expand3x3_activation = nn.ReLU()

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        x = self.squeeze_activation(self.squeeze(x))
        return paddle.concat([
            self.expand1x1_activation(self.expand1x1(x)),
            self.expand3x3_activation(self.expand3x3(x))   # both (batch, planes, H, W)
        ], 1)


class SqueezeNet(nn.Layer):
    """The whole network: images (batch, 3, H, W) to logits (batch, num_classes).

    Args:
        version: ``'1_0'`` or ``'1_1'``.
        num_classes: number of classes, and of filters in the last convolution.

    Raises:
        ValueError: for any other version.
    """

    def __init__(
        self,
        version: str = '1_0',
        num_classes: int = 1000
    ) -> None:
        super(SqueezeNet, self).__init__()
        self.num_classes = num_classes
        if version == '1_0':
            self.features = nn.Sequential(
                nn.Conv2D(3, 96, kernel_size=7, stride=2),
                nn.ReLU(),
                nn.MaxPool2D(kernel_size=3, stride=2, ceil_mode=True),
                Fire(96, 16, 64, 64),
                Fire(128, 16, 64, 64),
                Fire(128, 32, 128, 128),
                nn.MaxPool2D(kernel_size=3, stride=2, ceil_mode=True),
                Fire(256, 32, 128, 128),
                Fire(256, 48, 192, 192),
                Fire(384, 48, 192, 192),
                Fire(384, 64, 256, 256),
                nn.MaxPool2D(kernel_size=3, stride=2, ceil_mode=True),
                Fire(512, 64, 256, 256),
            )
        elif version == '1_1':
            # Smaller first filters, and the pooling comes earlier.
            self.features = nn.Sequential(
                nn.Conv2D(3, 64, kernel_size=3, stride=2), nn.ReLU(),
                nn.MaxPool2D(kernel_size=3, stride=2, ceil_mode=True),

                Fire( 64, 16,  64,  64),
                Fire(128, 16,  64,  64),
                nn.MaxPool2D(3, 2, ceil_mode=True),     # kernel, stride

                Fire(128, 32, 128, 128),
                Fire(256, 32, 128, 128),
                nn.MaxPool2D(
                    kernel_size=3,
                    stride=2,
                    ceil_mode=True,  # the last row and column count too
                ),

                Fire(256, 48, 192, 192),
                Fire(384, 48, 192, 192),
                Fire(384, 64, 256, 256),
                Fire(512, 64, 256, 256),
            )
        else:
            raise ValueError("Unsupported SqueezeNet version {version}:"
                             "1_0 or 1_1 expected".format(version=version))

        # The classifier is a convolution too, so any image size will do.
        final_conv = nn.Conv2D(512, self.num_classes, kernel_size=1)
        self.classifier = nn.Sequential(
            nn.Dropout(p=0.5),
            final_conv,
            nn.ReLU(),
            nn.AdaptiveAvgPool2D((1, 1))
        )

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        x = self.features(x); x = self.classifier(x)
        return paddle.flatten(x, 1)      # (batch, num_classes, 1, 1) -> (batch, num_classes)


def _squeezenet(version: str, pretrained: bool, progress: bool, **kwargs: Any) -> SqueezeNet:
    model = SqueezeNet(version, **kwargs)
    if pretrained:
        arch = 'squeezenet' + version
        state_dict = load_converted_checkpoint(model_urls[arch],
                                              progress=progress)
        load_state_dict(model, state_dict)
    return model


def squeezenet1_0(pretrained: bool = False, progress: bool = True, **kwargs: Any) -> SqueezeNet:
    r"""SqueezeNet 1.0.

    Args:
        pretrained (bool): if True, loads weights trained on ImageNet
        progress (bool): if True, shows a progress bar while they are fetched
    """
    return _squeezenet('1_0', pretrained, progress, **kwargs)


def squeezenet1_1(pretrained: bool = False, progress: bool = True, **kwargs: Any) -> SqueezeNet:
    r'''SqueezeNet 1.1: 2.4x less computation and slightly fewer parameters than 1.0.

    Args:
        pretrained (bool): if True, loads weights trained on ImageNet
        progress (bool): if True, shows a progress bar while they are fetched
    '''
    return _squeezenet('1_1', pretrained, progress, **kwargs)
