"""The codec decoder of Qwen3-TTS, frame by frame: equal to decoding the whole utterance, at a cost that stays the same.

All its layers are causal, so each keeps what the next frames need: a convolution its last inputs, a transposed
convolution the part that overlaps its end, an attention its window of keys and values. Decoding pieces again with some
frames of context, as other players do, costs 26 frames of work for one and is an approximation.
"""

import copy
from importlib import import_module
from typing import Any


class CausalDecoder:
    """Takes codes as they are made and returns their sound; one for each utterance, made by ``fork``.

    Args:
        torch: the torch module.
        decoder: ``speech_tokenizer.model.decoder`` (``Qwen3TTSTokenizerV2Decoder``).
    """

    def __init__(self, torch: Any, decoder: Any) -> None:
        self._torch = torch
        self._decoder = decoder
        self._held: dict[str, Any] = {}
        """Layer -> what it keeps."""
        self._window: Any = import_module("transformers").DynamicCache(config=decoder.config)
        self._position = 0

    def fork(self) -> "CausalDecoder":
        """Return a copy that goes on from here. What is kept is never written to, so it is shared."""
        other = copy.copy(self)
        other._held = dict(self._held)
        other._window = copy.copy(self._window)
        other._window.layers = [copy.copy(layer) for layer in self._window.layers]
        return other

    def push(self, codes: Any) -> Any:
        """Return the sound of the next frames.

        Args:
            codes: int64 [frames, 16].

        Returns:
            A tensor [frames * 1920] of the decoder's type, mono, 24 kHz, -1..1.
        """
        with self._torch.inference_mode():
            decoder = self._decoder
            x = self._convolved(decoder.pre_conv, decoder.quantizer.decode(codes.T[None]), "in")
            x = self._attended(x)
            for number, (up, block) in enumerate(decoder.upsample):
                x = self._next_block(block, self._raised(up, x, f"up{number}"), f"block{number}")
            first, *blocks, activation, last = decoder.decoder
            x = self._convolved(first, x, "first")
            for number, block in enumerate(blocks):
                x = self._decoder_block(block.block, x, f"decoder{number}")
            return self._convolved(last, activation(x), "last").clamp(-1, 1)[0, 0]

    def _attended(self, x: Any) -> Any:
        """Run [1, channels, frames] through the transformer, whose window of keys and values is kept."""
        count = x.shape[-1]
        at = self._torch.arange(self._position, self._position + count, device=x.device)
        self._position += count
        out = self._decoder.pre_transformer(
            inputs_embeds=x.transpose(1, 2),
            use_cache=True,
            past_key_values=self._window,
            cache_position=at,
            position_ids=at[None],
        )
        return out.last_hidden_state.transpose(1, 2)

    def _next_block(self, block: Any, x: Any, name: str) -> Any:
        """Run a ConvNeXt block: only its depthwise convolution looks back."""
        y = self._convolved(block.dwconv, x, name).transpose(1, 2)
        y = block.gamma * block.pwconv2(block.act(block.pwconv1(block.norm(y))))
        return x + y.transpose(1, 2)

    def _decoder_block(self, layers: Any, x: Any, name: str) -> Any:
        """Run an activation, a transposed convolution, and residual units of two convolutions."""
        activation, up, *units = layers
        x = self._raised(up, activation(x), f"{name}up")
        for number, unit in enumerate(units):
            y = self._convolved(unit.conv1, unit.act1(x), f"{name}unit{number}a")
            x = x + self._convolved(unit.conv2, unit.act2(y), f"{name}unit{number}b")
        return x

    def _convolved(self, layer: Any, x: Any, name: str) -> Any:
        """Run a causal convolution, with the previous inputs in place of its padding."""
        size = int(layer.padding)
        if not size:
            return layer.conv(x)
        before = self._held.get(name)
        if before is None:
            before = x.new_zeros(x.shape[0], x.shape[1], size)
        x = self._torch.cat((before, x), -1)
        self._held[name] = x[..., -size:]
        return layer.conv(x)

    def _raised(self, layer: Any, x: Any, name: str) -> Any:
        """Run a transposed convolution: what reaches beyond its end is added to the next piece."""
        conv, over, length = layer.conv, int(layer.right_pad), x.shape[-1] * int(layer.conv.stride[0])
        y = self._torch.nn.functional.conv_transpose1d(x, conv.weight, None, stride=conv.stride)
        if over:
            before = self._held.get(name)
            if before is not None:
                y[..., :over] += before
            self._held[name] = y[..., length:].clone()
            y = y[..., :length]
        return y if conv.bias is None else y + conv.bias.view(1, -1, 1)
