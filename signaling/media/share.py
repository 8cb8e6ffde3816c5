"""A line divided among the pictures on it: who gets which layer, twice a second."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from signaling.media.consumer import Consumer
from signaling.media.layers import allocate
from signaling.media.messages import ConsumerLayers

if TYPE_CHECKING:
    from signaling.media.seat import Seat
    from signaling.media.transport import Transport


def measure_layers(seats: Iterable[Seat], now: float) -> None:
    """How much each layer of each picture costs now."""
    for seat in seats:
        for producer in seat.producers.values():
            for stream in producer.streams:
                stream.measure(now)


def share_line(
    transport: Transport, consumers: list[Consumer], now: float, tell: Callable[[ConsumerLayers], None]
) -> None:
    """Give each picture on a receive transport the layer that its tile and the line deserve."""
    pictures = sorted((each for each in consumers if each.is_video and each.asked), key=_wanted, reverse=True)
    if not pictures:
        return
    if transport.line.measure(transport.bytes_out, now):
        _fit(transport, consumers, pictures, now)
    for picture in pictures:
        picture.settle(now)
        _tell(picture, tell)


def _fit(transport: Transport, consumers: list[Consumer], pictures: list[Consumer], now: float) -> None:
    """Take pictures back to what the line carries, or try a step more."""
    ladders = [each.ladder(now) for each in pictures]
    smallest = sum(ladder[1].cost for ladder in ladders if len(ladder) > 1)
    sound = sum(_cost_of_sound(each, now) for each in consumers if not each.is_video and each.asked)
    sent = transport.line.sent
    budget = transport.bandwidth.look(
        now, sent=sent, least=sound + smallest, loss=_loss(consumers, now), remb=transport.available
    )
    if budget is not None:
        for picture, ladder, step in zip(pictures, ladders, allocate(ladders, budget - sound), strict=True):
            # Where nothing comes in there is nothing to take back.
            picture.cap = None if step is ladder[-1] else step
        return
    for picture, ladder in zip(pictures, ladders, strict=True):
        if picture.cap is None or len(ladder) < 2:
            continue
        higher = next((step for step in ladder if step[:2] > picture.cap[:2]), None)
        if higher is None:
            picture.cap = None  # the tile has become smaller, or the layer dearer than it is worth
            continue
        now_costs = next((step.cost for step in reversed(ladder) if step[:2] <= picture.cap[:2]), 0)
        cost = sent + higher.cost - now_costs
        if transport.bandwidth.may_try(now, cost=cost, remb=transport.available):
            transport.bandwidth.tries(now, sent=sent)
            picture.cap = higher
        return


def _wanted(consumer: Consumer) -> tuple[bool, int]:
    """What is shown to all comes first, then the larger tile."""
    width, height = consumer.tile
    return consumer.producer.source == "screen", width * height


def _cost_of_sound(consumer: Consumer, now: float) -> int:
    return sum(stream.flowing(now).bitrate for stream in consumer.producer.streams)


def _loss(consumers: list[Consumer], now: float) -> float:
    """The share of packets that were lost on the way to the subscriber, weighted by their number."""
    total = lost = 0.0
    for consumer in consumers:
        packets = consumer.sink.reception.reported(now)
        total += packets
        lost += packets * consumer.sink.reception.loss
    return lost / total if total else 0.0


def _tell(picture: Consumer, tell: Callable[[ConsumerLayers], None]) -> None:
    layers = picture.layers_sent()
    if layers != picture.told:
        picture.told = layers
        tell(ConsumerLayers(picture.seat.name, picture.id, *layers, picture.producer.spatial_layers))
