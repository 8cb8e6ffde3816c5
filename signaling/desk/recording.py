"""Recording: asked for, answered, paused, stopped; the forwarding unit has done it before anybody is answered. And the alarm."""

from typing import Annotated

from msgspec import Meta

from mediation.hearings.manifest import tracks_folder
from mediation.hearings.recording import (
    answer_recording,
    end_with_room,
    go_on_recording,
    interrupt_recording,
    leave_out,
    pause_recording,
    resume_recording,
    start_recording,
    stop_recording,
    taped_now,
    taped_rooms,
)
from mediation.hearings.tape import Recording, collect_later
from signaling.desk.desk import Connection, Desk
from signaling.desk.moving import settle, tell_where
from signaling.desk.rooms import Id
from signaling.desk.table import Ours, request
from signaling.media.recording.events import (
    NotTaped,
    RecorderBack,
    RecorderLost,
    RecordingEvent,
    TracksClosed,
)

Reason = Annotated[str, Meta(max_length=500)]


class ResumeRecording(Ours):
    room: Id
    client_id: Id


class PauseRecording(ResumeRecording):
    reason: Reason


class StartRecording(ResumeRecording):
    reason: Reason = ""


class ConsentToRecording(ResumeRecording):
    answer: str


class TapeState(Ours):
    recording: str | None
    state: str


@request("start_recording", StartRecording, may="record", cost=3)
async def start(desk: Desk, caller: Connection, asked: StartRecording) -> TapeState:
    here = {"room": asked.room, "present": present_in(desk, asked.room)}
    tape = await desk.write(
        start_recording, by=caller.person, reason=asked.reason, client_id=asked.client_id, **here
    )
    return await _followed(desk, asked.room, tape)


@request("consent_to_recording", ConsentToRecording, may="room", cost=2)
async def consent(desk: Desk, caller: Connection, asked: ConsentToRecording) -> TapeState:
    here = {"room": asked.room, "present": present_in(desk, asked.room)}
    tape = await desk.write(
        answer_recording, by=caller.person, answer=asked.answer, client_id=asked.client_id, **here
    )
    return await _followed(desk, asked.room, tape)


@request("pause_recording", PauseRecording, may="record", cost=3)
async def pause(desk: Desk, caller: Connection, asked: PauseRecording) -> TapeState:
    tape = await desk.write(
        pause_recording, by=caller.person, room=asked.room, reason=asked.reason, client_id=asked.client_id
    )
    return await _followed(desk, asked.room, tape)


@request("resume_recording", ResumeRecording, may="record", cost=3)
async def resume(desk: Desk, caller: Connection, asked: ResumeRecording) -> TapeState:
    tape = await desk.write(resume_recording, by=caller.person, room=asked.room, client_id=asked.client_id)
    return await _followed(desk, asked.room, tape)


@request("stop_recording", StartRecording, may="record", cost=3)
async def stop(desk: Desk, caller: Connection, asked: StartRecording) -> TapeState:
    tape = await desk.write(
        stop_recording, by=caller.person, room=asked.room, reason=asked.reason, client_id=asked.client_id
    )
    return await _followed(desk, asked.room, tape)


def present_in(desk: Desk, room: str) -> list[str]:
    """Everybody who is in the meeting, in a private talk of it too; not who waits."""
    return [seat.person for seat in desk.seats.of_room(room) if seat.state == "on"]


async def follow_record(desk: Desk, room: str) -> None:
    """Makes seats and forwarding unit do what the record says: whoever has not consented is out before anything is taken."""
    async with desk.taping:
        taped = await desk.read(taped_now, room)
        if taped is None:
            await desk.media.stop_recording(room)
        for seat in desk.seats.of_room(room):
            before = seat.place
            if not seat.is_check:
                await settle(desk, seat, announce=False)
            if seat.place != before:
                tell_where(desk, seat)
        if taped is not None:
            folder = tracks_folder(desk.bridge.settings.data, taped.recording)
            await desk.media.start_recording(room, taped.recording, str(folder), taped.people)


async def stop_taping(desk: Desk, room: str) -> None:
    """The meeting is closed: nothing of it is taken any more."""
    async with desk.taping:
        await desk.media.stop_recording(room)


async def end_with_the_room(desk: Desk, channel: str) -> None:
    """A party has taken back its consent to the mediation, or the case has ended, on a page: nothing more is recorded."""
    room = await desk.write(end_with_room, channel=channel)
    if room is not None:
        await stop_taping(desk, room)


async def start_taping_anew(desk: Desk, rooms: frozenset[str]) -> None:
    """A new worker records nothing yet: what was on in its rooms goes on, and the gap is told."""
    for room, recording in await desk.read(taped_rooms):
        if room not in rooms:
            continue
        await _interrupt(desk, recording, "worker_lost")
        await follow_record(desk, room)
        await desk.write(go_on_recording, recording=recording)


async def heard_of_recording(desk: Desk, event: RecordingEvent) -> None:
    """What the recorder's keeper reports becomes an entry, or a job."""
    match event:
        case RecorderLost():
            for recording in event.recordings:
                await _interrupt(desk, recording, event.reason)
        case RecorderBack():
            for recording in event.recordings:
                await desk.write(go_on_recording, recording=recording)
        case TracksClosed():
            await desk.write(collect_later, recording=event.recording)
        case NotTaped():
            about = {"person": event.person, "source": event.source, "code": event.reason}
            await desk.write(leave_out, recording=event.recording, **about)


async def _followed(desk: Desk, room: str, tape: Recording | None) -> TapeState:
    await follow_record(desk, room)
    return TapeState(recording=tape.id, state=tape.state) if tape else TapeState(recording=None, state="off")


async def _interrupt(desk: Desk, recording: str, code: str) -> None:
    """The entry, and the alarm for whoever leads and whoever asked for the recording."""
    tape = await desk.write(interrupt_recording, recording=recording, code=code)
    room = tape.room_id
    people = {tape.by_id, *(seat.person for seat in desk.seats.leaders(room))}
    alarm = {"room": room, "recording": recording, "code": code}
    desk.announce.to_people(room, people, "recording_alarm", alarm)
