/** Who is in the room, which channels there are, and what the reader may do: as the server last said it. */
/** @import { Channel, Person, RoomFacts } from "./types" */
import { ask, hear, line, Refusal, tell } from "./connection.js"
import { _ } from "./words.js"

/** @type {RoomFacts} */
let room = {
  room: "", me: "", title: "", state: "open", case: { id: "", number: "", state: "" },
  hearing: null, recording: null, house: { frozen: false, pause: null, pauses_left: 0, slow: 0, stage: "", writers: null, silenced: {}, out: [], apart: false }, people: [], channels: [], hands: [], calls: [], may: [],
}
/** @type {Map<string, Person>} */
let people = new Map()
/** @type {Map<string, Channel>} */
let channels = new Map()

/** @param {string} id */
export function start(id) {
  room.room = id
  hear("line", async (state) => {
    // "back": after every new connection, once; "entered": whenever the room was seen whole.
    if (state === "online" && (await enter())) tell("back", null)
  })
  // This device read too slowly, and not all was pushed to it.
  hear("resync", async () => (await enter()) && tell("back", null))
  hear("room_changed", enter)
  hear("presence", ({ person, online }) => {
    const known = people.get(person)
    if (!known) return void enter()
    known.online = online
    tell("people", null)
  })
  hear("channel_opened", ({ channel }) => {
    channels.set(channel.id, channel)
    tell("channels", null)
  })
  hear("channel_closed", ({ channel }) => {
    const known = channels.get(channel)
    if (known) Object.assign(known, { open: false, may_speak: false })
    tell("channels", null)
  })
  hear("delivered", ({ channel, person, seq }) => {
    const known = channels.get(channel)
    if (!known) return
    known.deliveries[person] = Math.max(known.deliveries[person] ?? 0, seq)
    tell("reads", channel)
  })
  hear("read", ({ channel, person, seq }) => {
    const known = channels.get(channel)
    if (!known) return
    if (person === room.me) known.read_seq = Math.max(known.read_seq, seq)
    else known.reads[person] = Math.max(known.reads[person] ?? 0, seq)
    tell("reads", channel)
  })
}

/** Begins to hear the room, or sees it whole again. */
export async function enter() {
  try {
    room = await ask("enter_room", { room: room.room })
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal
    if (!refusal.passing) tell("shut", refusal.message)
    else if (line() === "online") setTimeout(enter, 2000)
    return false
  }
  people = new Map(room.people.map((person) => [person.id, person]))
  channels = new Map(room.channels.map((channel) => [channel.id, channel]))
  for (const name of ["channels", "people", "entered"]) tell(name, null)
  return true
}

export function facts() {
  return room
}

export function everybody() {
  return [...people.values()]
}

export function allChannels() {
  return [...channels.values()]
}

/** @param {string} id */
export function channel(id) {
  return channels.get(id)
}

/** @param {string | null | undefined} id */
export function person(id) {
  return id ? people.get(id) : undefined
}

export function me() {
  return people.get(room.me)
}

/** @param {string | null | undefined} id */
export function nameOf(id) {
  if (!id) return _("The platform")
  return people.get(id)?.name ?? _("Somebody who has left")
}

/** Whoever leads the meeting: the mediator, or the judge who mediates. */
export function leads() {
  return room.may.includes("lead")
}

/** @param {string} what */
export function may(what) {
  return room.may.includes(what)
}

/** @param {Person | undefined} someone */
export function standingOf(someone) {
  switch (someone?.standing) {
    case "claimant": return _("claimant")
    case "respondent": return _("respondent")
    case "agent": return someone.side === "claimant" ? _("claimant’s lawyer") : _("respondent’s lawyer")
    case "mediator": return _("mediator")
    case "judge": return _("judge")
    case "clerk": return _("clerk")
    default: return ""
  }
}
