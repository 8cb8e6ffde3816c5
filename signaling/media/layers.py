"""Which layer of a picture is worth sending to whom: by the size of the tile, then by what the line carries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

# How much of a layer's bits its lowest temporal layers take, as libvpx divides them.
_SHARES = {1: (1.0,), 2: (0.6, 1.0), 3: (0.4, 0.6, 1.0)}

# A picture may be shown a little larger than it is before anybody sees it.
_ENOUGH = 0.8


class Layer(NamedTuple):
    """One spatial layer as it comes in: bits a second, and its size where that is known."""

    bitrate: int
    width: int = 0
    height: int = 0
    temporals: int = 1


class Step(NamedTuple):
    """Something that can be sent: a spatial and a temporal layer, and what it costs in bits a second."""

    spatial: int
    temporal: int
    cost: int


OFF = Step(-1, -1, 0)


def with_sizes(layers: list[Layer]) -> list[Layer]:
    """A layer's size shows in its keyframes only: where none has come yet it is half of the next higher, as browsers make it."""
    known = next((place for place, layer in enumerate(layers) if layer.width), None)
    if known is None:
        return layers
    found = []
    for place, layer in enumerate(layers):
        factor = 2.0 ** (place - known)
        width, height = layers[known].width * factor, layers[known].height * factor
        found.append(layer if layer.width else layer._replace(width=int(width), height=int(height)))
    return found


def worth(layers: Sequence[Layer], width: int, height: int) -> int:
    """The lowest layer that fills a tile of this size; the highest where sizes are not known."""
    best = -1
    for place, layer in enumerate(layers):
        if not layer.bitrate:
            continue
        best = place
        if layer.width >= width * _ENOUGH and layer.height >= height * _ENOUGH and layer.width:
            break
    return best


def steps(layers: Sequence[Layer], highest: int) -> list[Step]:
    """What can be sent up to a layer, from the cheapest to the dearest; layers that do not flow are left out."""
    found = [OFF]
    for place, layer in enumerate(layers[: highest + 1]):
        if not layer.bitrate:
            continue
        for temporal, share in enumerate(_SHARES[min(3, max(1, layer.temporals))]):
            step = Step(place, temporal, int(layer.bitrate * share))
            if step.cost >= found[-1].cost:
                found.append(step)
    return found


def allocate(wants: Sequence[Sequence[Step]], budget: int) -> list[Step]:
    """Divides a budget among pictures, the most wanted first: everybody's smallest, then one step more in turn."""
    places = [0] * len(wants)
    left = budget
    grows = True
    while grows:
        grows = False
        for who, ladder in enumerate(wants):
            if places[who] + 1 >= len(ladder):
                continue
            more = ladder[places[who] + 1].cost - ladder[places[who]].cost
            if more <= left:
                left -= more
                places[who] += 1
                grows = True
    return [ladder[place] for ladder, place in zip(wants, places, strict=True)]
