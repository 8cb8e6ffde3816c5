/** The stage: coming in, waiting, being seen and heard, moving to a private talk, coming back after anything that breaks. */
/** @import { ProducerFacts, StageAnswer, StageChange } from "./types" */
/** @import { StageState } from "./stage/now.js" */
import { ask, hear, Refusal, tell } from "./connection.js"
import { facts } from "./facts.js"
import { Line, load } from "./media/line.js"
import { maySleep, stayAwake } from "./media/wake.js"
import { confirm, say } from "./notices.js"
import { now, show } from "./stage/now.js"
import { measured, obey, ordered } from "./stage/orders.js"
import { agree, hold, letGo, release, sendAll, takeTracks } from "./stage/own.js"
import { ended } from "./stage/screen.js"
import { forgetSeat, keepSeat, seat } from "./stage/seat.js"
import { _ } from "./words.js"

let joining = false
let patience = 3

export function start() {
  hear("back", () => (now.state === "off" ? comeBack() : rejoin()))
  hear("stage_changed", changed)
  hear("presence", ({ person, online }) => online && now.away.delete(person) && show())
  hear("producer_added", (producer) => here(producer) && add(producer))
  hear("producer_closed", ({ id }) => { ended(id); drop(id) })
  hear("producer_paused", ({ id, person, by }) => paused(id, person, by, true))
  hear("producer_resumed", ({ id, person, by }) => paused(id, person, by, false))
  hear("consumer_closed", ({ consumerId }) => {
    for (const [producer, consumer] of now.line?.consumers ?? []) if (consumer.id === consumerId) now.line?.forget(producer)
    show()
  })
  hear("speaking", ({ people }) => { now.speaking = people; show() })
  hear("hands", ({ people }) => { now.hands = people; show() })
  hear("network", measured)
  hear("consumer_layers", ({ consumerId, spatial }) => {
    if (spatial === undefined) return
    now.paused[spatial === -1 ? "add" : "delete"](consumerId)
    show()
  })
  hear("order_changed", ordered)
  hear("person_unmuted", ({ body }) => body.person === facts().me && release(body.source))
  hear("stage_lost", () => { now.line?.close(); now.line = null; rejoin() })
  hear("hearing_closed", () => now.state !== "off" && leave())
  hear("seat_taken_over", () => { left(); say(_("You are on the stage with another device now."), { stays: true }) })
  addEventListener("pagehide", () => now.state !== "off" && ask("close_page", { room: facts().room }).catch(() => undefined))
  addEventListener("online", () => now.line?.mend())
  // @ts-expect-error not every browser tells of its network
  navigator.connection?.addEventListener?.("change", () => now.line?.mend())
}

/** Comes onto the stage, or to the door of it. */
export async function join(takeOver = false) {
  if (joining) return
  joining = true
  become("joining")
  load().catch(() => undefined)
  const taking = now.tracks.size || now.troubles.size ? Promise.resolve() : takeTracks()
  try {
    const stage = await ask("join_stage", { room: facts().room, ...seat(), take_over: takeOver })
    keepSeat(stage.seat)
    arrive(stage)
    await Promise.all([openLine(stage), taking])
    await sendAll()
    await receiveAll()
    patience = 3
  } catch (error) {
    await joinFailed(error)
  } finally {
    joining = false
  }
}

export async function leave() {
  left()
  await ask("leave_stage", { room: facts().room }).catch(() => undefined)
}

export async function raiseHand() {
  const mine = now.hands.includes(facts().me)
  try {
    const { hands } = mine ? await ask("lower_hand", { room: facts().room, person: facts().me }) : await ask("raise_hand", { room: facts().room })
    now.hands = hands
  } catch (refusal) {
    if (refusal instanceof Refusal) say(refusal.message)
  }
  show()
}

/** What came from another, once it is there. @param {string} producer */
export function consumerOf(producer) {
  return now.line?.consumers.get(producer)
}

/** How large a tile is; nothing is sent to where nothing is seen. @param {string} producer @param {number} width @param {number} height */
export function tileSize(producer, width, height) {
  const consumer = now.line?.consumers.get(producer)
  if (!consumer || consumer.closed) return
  ask("set_layers", { consumerId: consumer.id, width, height }).catch(() => undefined)
}

/** After a reload: whoever sat here sits here again. */
function comeBack() {
  if (seat().seat && facts().hearing?.state === "in_session") join()
}

/** After lost signalling: sound and picture went on meanwhile; only what no longer fits is made anew. */
async function rejoin() {
  if (joining) return
  joining = true
  try {
    const stage = await ask("join_stage", { room: facts().room, ...seat(), take_over: false })
    keepSeat(stage.seat)
    if (!now.line || !now.line.matches(stage.transports)) {
      now.line?.close()
      arrive(stage)
      await openLine(stage)
    } else {
      const alive = new Set(stage.consumers.map((/** @type {{ producerId: string }} */ one) => one.producerId))
      for (const id of [...now.line.consumers.keys()]) if (!alive.has(id)) now.line.forget(id)
      agree(stage.own_producers)
      arrive(stage)
      now.line.mendDue()
    }
    await sendAll()
    await receiveAll()
    patience = 3
  } catch (error) {
    await joinFailed(error)
  } finally {
    joining = false
  }
}

/** @param {unknown} error */
async function joinFailed(error) {
  if (!(error instanceof Refusal)) {
    reportError(error)
    left()
    return void say(_("Sound and picture could not be set up. You can go on writing."), { act: _("Try again"), then: () => void join() })
  }
  // The media worker may be starting anew: that takes a moment, and nobody has to press anything for it.
  if (error.passing && error.code !== "offline" && patience-- > 0) return void setTimeout(() => (now.state === "joining" ? join() : rejoin()), 2000)
  if (error.code === "offline") return now.state === "joining" ? become("off") : undefined
  become("off")
  if (error.code !== "seat_taken") {
    left()
    return void say(error.message, { stays: true })
  }
  const moved = await confirm({ title: _("You are on the stage with another device"), text: _("You can be seen and heard from one device at a time. The other one leaves the stage; it can still write."), act: _("Take part with this device") })
  if (moved !== null) setTimeout(() => join(true))
}

/** Takes over what the server says of the place where one is. @param {StageAnswer} stage */
function arrive(stage) {
  now.place = stage.place ?? "main"
  obey(stage)
  now.why = stage.why ?? ""
  now.waiting = new Set(stage.waiting)
  settle(stage.producers, stage.people)
  if (stage.hand && !now.hands.includes(facts().me)) now.hands.push(facts().me)
  become(stage.state === "on" ? "on" : "waiting")
}

/** @param {ProducerFacts[]} producers @param {StageAnswer["people"]} people */
function settle(producers, people) {
  now.producers = new Map(producers.filter((one) => one.person !== facts().me).map((one) => [one.id, one]))
  now.people = new Set([facts().me, ...people.map((one) => one.person)])
  now.hands = [...new Set([...now.hands.filter((id) => now.people.has(id)), ...people.filter((one) => one.hand).map((one) => one.person)])]
  now.orders = new Map(people.map(({ person, muted, locked = muted, share = "yes", spotlight = false }) => [person, { muted, locked, share, spotlight }]))
  for (const { person, quality } of people) if (quality) now.network.set(person, quality)
  now.away.clear()
  for (const id of now.line?.consumers.keys() ?? []) if (!now.producers.has(id)) now.line?.forget(id)
}

/** @param {StageAnswer} stage */
async function openLine(stage) {
  now.line = new Line(facts().room, {
    broken: () => { now.line?.close(); now.line = null; rejoin() },
    mending: (on) => { now.mending = on; show() },
  })
  now.mending = false
  await now.line.open(stage)
}

async function receiveAll() {
  if (now.state !== "on") return
  await Promise.all([...now.producers.values()].map(receive))
  show()
}

/** @param {ProducerFacts} producer */
async function receive(producer) {
  try {
    await now.line?.receive(producer)
    tell("consumer", producer.id)
  } catch (error) {
    // Gone or moved meanwhile: its own push says so.
    if (!(error instanceof Refusal)) reportError(error)
  }
}

/** @param {StageChange} change */
function changed(change) {
  if (change.person === facts().me) return moved(change)
  const { person, state } = change
  for (const group of [now.people, now.away, now.waiting]) group.delete(person)
  if (state === "waiting") now.waiting.add(person)
  if (state === "on" || state === "away") now.people.add(person)
  if (state === "away") now.away.add(person)
  if (state === "gone" || state === "waiting") for (const one of [...now.producers.values()]) if (one.person === person) drop(one.id)
  show()
}

/** Oneself: admitted, taken into a private talk or back, or asked out. Transports and tracks stay as they are. @param {StageChange} change */
function moved(change) {
  if (now.state === "off" || change.state === "away") return
  if (change.state === "gone") return left()
  now.line?.forgetAll()
  if (change.muted) obey(change)
  now.why = change.why ?? ""
  const before = now.place
  now.place = change.place ?? "main"
  if (change.waiting) now.waiting = new Set(change.waiting)
  settle(change.producers ?? [], change.people ?? [])
  become(change.state === "on" ? "on" : "waiting")
  if (before !== now.place) tell("moved", now.place)
  if (change.state === "on") receiveAll()
}

/** @param {ProducerFacts} producer */
function here(producer) {
  return now.state === "on" && producer.person !== facts().me
}

/** @param {ProducerFacts} producer */
async function add(producer) {
  now.producers.set(producer.id, producer)
  now.people.add(producer.person)
  await receive(producer)
  show()
}

/** @param {string} id */
function drop(id) {
  now.producers.delete(id)
  now.line?.forget(id)
  show()
}

/** @param {string} id @param {string} person @param {"owner" | "moderator"} by @param {boolean} isPaused */
function paused(id, person, by, isPaused) {
  const producer = now.producers.get(id)
  if (producer) producer.paused = isPaused
  if (person === facts().me && by === "moderator") {
    const own = [...(now.line?.producers ?? [])].find(([, one]) => one.id === id)?.[0]
    if (own && isPaused) hold(own)
    else if (own) release(own)
  }
  show()
}

function left() {
  now.line?.close()
  now.line = null
  letGo()
  for (const all of [now.producers, now.people, now.away, now.waiting, now.network, now.lines, now.orders, now.paused]) all.clear()
  now.hands = []
  now.speaking = []
  now.place = "main"
  forgetSeat()
  become("off")
}

/** @param {StageState} state */
function become(state) {
  now.state = state
  if (state === "off") maySleep()
  else stayAwake()
  show()
}

