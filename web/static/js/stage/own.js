/** One's own microphone and camera on the stage: one's own switches, and the moderator's hand over them. */
/** @import { Source, StageAnswer } from "../types" */
import { ask, Refusal } from "../connection.js"
import { takeBoth, takeCamera, takeMic, Trouble } from "../media/tracks.js"
import { say } from "../notices.js"
import { _ } from "../words.js"
import { now, show } from "./now.js"
import { unshare } from "./screen.js"

/** One's own switch. @param {"mic" | "camera"} source */
export async function turn(source) {
  if (now.held.has(source) && !now.locked.has(source)) return lift(source)
  if (now.held.has(source)) return void say(source === "mic" ? _("The mediator has muted your microphone. Raise your hand to ask for it.") : _("The mediator has turned your camera off. Raise your hand to ask for it."))
  if (now.troubles.has(source)) return retry(source)
  now.wants[source] = !now.wants[source]
  await apply(source)
  show()
}

/** A mute that is only friendly: one may lift it oneself. @param {"mic" | "camera"} source */
async function lift(source) {
  now.held.delete(source)
  now.wants[source] = true
  const producer = now.line?.producers.get(source)
  try {
    if (producer) await ask("resume_producer", { producerId: producer.id })
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal
    now.held.add(source)
    if (refusal.code === "not_allowed") now.locked.add(source)
    say(refusal.message)
  }
  await apply(source)
  show()
}

/** The microphone is open for as long as a key is held. @param {boolean} on */
export async function talk(on) {
  if (now.talking === on || (on && (now.wants.mic || now.held.has("mic") || !now.tracks.has("mic")))) return
  now.talking = on
  await apply("mic")
  show()
}

/** Without pictures, neither way; one's own comes back with them. @param {boolean} on */
export async function save(on) {
  now.saves = on
  await apply("camera")
  show()
}

/** Tries again to get a microphone or camera that could not be had. @param {"mic" | "camera"} source */
export async function retry(source) {
  await get(source, true)
}

/** Another microphone or camera, without leaving; what was off stays off. @param {"mic" | "camera"} source @param {string} device */
export async function choose(source, device) {
  now.devices[source] = device
  now.tracks.get(source)?.stop()
  now.tracks.delete(source)
  await get(source, now.wants[source])
}

/** @param {"mic" | "camera"} source @param {boolean} wanted whether the others are to hear or see it */
async function get(source, wanted) {
  try {
    const mine = await (source === "mic" ? takeMic : takeCamera)(now.devices[source])
    now.troubles.delete(source)
    now.wants[source] = wanted
    await use(source, mine)
  } catch (error) {
    if (!(error instanceof Trouble)) return void reportError(error)
    now.troubles.set(source, error)
    say(error.message, { stays: true })
  }
  show()
}

/** Nothing of it goes out before it is known whether it may. @param {"mic" | "camera"} source @param {MediaStreamTrack} mine */
async function use(source, mine) {
  mine.enabled = false
  now.tracks.set(source, mine)
  watchEnd(source)
  await now.line?.send(source, mine)
  await apply(source)
}

/** Microphone and camera with one question; what could not be had is said. */
export async function takeTracks() {
  const both = await takeBoth(now.devices)
  for (const source of /** @type {("mic" | "camera")[]} */ (["mic", "camera"])) {
    const taken = both[source]
    if (taken instanceof Trouble) now.troubles.set(source, taken)
    else now.tracks.set(source, taken)
    watchEnd(source)
  }
  const first = now.troubles.get("camera") ?? now.troubles.get("mic")
  if (first) say(first.message, { stays: true })
  show()
}

/** A cable that is pulled, or a permission that is taken back: another device goes on in its place. @param {"mic" | "camera"} source */
function watchEnd(source) {
  const mine = now.tracks.get(source)
  mine?.addEventListener("ended", () => now.tracks.get(source) === mine && replace(source, mine))
}

/** @param {"mic" | "camera"} source @param {MediaStreamTrack} mine the one that ended */
async function replace(source, mine) {
  now.missed[source] = mine.getSettings().deviceId ?? ""
  now.tracks.delete(source)
  show()
  try {
    const other = await (source === "mic" ? takeMic : takeCamera)()
    if (other.getSettings().deviceId === now.missed[source]) now.missed[source] = ""
    await use(source, other)
    say(source === "mic" ? _("The microphone is gone. “%(name)s” is used now.", { name: other.label }) : _("The camera is gone. “%(name)s” is used now.", { name: other.label }))
  } catch (error) {
    if (!(error instanceof Trouble)) throw error
    now.troubles.set(source, error)
    await now.line?.stop(source)
    say(error.message, { stays: true })
  }
  show()
}

/** Devices came or went: what was unplugged comes back when it is plugged in again. @param {MediaDeviceInfo[]} there */
export async function devicesChanged(there) {
  for (const source of /** @type {("mic" | "camera")[]} */ (["mic", "camera"])) {
    const kind = source === "mic" ? "audioinput" : "videoinput"
    const trouble = now.troubles.get(source)
    const back = there.some((one) => one.kind === kind && one.deviceId === now.missed[source] && one.deviceId)
    const any = trouble && trouble.why !== "refused" && there.some((one) => one.kind === kind)
    if (now.state === "off" || !(back || any)) continue
    const device = back ? now.missed[source] : now.devices[source]
    now.missed[source] = ""
    await choose(source, device)
    const mine = now.tracks.get(source)
    if (mine) say(source === "mic" ? _("“%(name)s” is used as the microphone.", { name: mine.label }) : _("“%(name)s” is used as the camera.", { name: mine.label }))
  }
}

/** Sends whatever of one's own is not sent yet. */
export async function sendAll() {
  for (const [source, mine] of now.tracks) {
    if (now.line?.producers.has(source)) continue
    const switched = source === "mic" || source === "camera" ? source : null
    if (switched) await apply(switched)
    await now.line?.send(source, mine)
    if (switched) await apply(switched)
  }
  show()
}

/** After lost signalling: what the server lost is sent again, and both say the same of what is paused. @param {StageAnswer["own_producers"]} theirs */
export function agree(theirs) {
  const producers = now.line?.producers ?? new Map()
  for (const [source, producer] of producers) {
    const one = theirs.find((its) => its.id === producer.id)
    if (!one) producers.delete(source)
    else if (one.paused !== producer.paused && !now.held.has(source)) {
      ask(producer.paused ? "pause_producer" : "resume_producer", { producerId: producer.id }).catch(() => undefined)
    }
  }
}

/** Makes the producer follow the reader's switch and the moderator's hand. @param {"mic" | "camera"} source */
async function apply(source) {
  const producer = now.line?.producers.get(source)
  const wanted = source === "mic" ? now.wants.mic || now.talking : now.wants.camera && !now.saves
  const open = wanted && !now.held.has(source)
  const mine = now.tracks.get(source)
  if (mine) mine.enabled = open
  if (!producer || producer.closed) return
  const was = producer.paused
  if (open) producer.resume()
  else producer.pause()
  if (was === producer.paused || now.held.has(source)) return
  await ask(open ? "resume_producer" : "pause_producer", { producerId: producer.id }).catch((refusal) => {
    if (refusal.code !== "not_allowed") return
    now.held.add(source)
    now.locked.add(source)
  })
}

/** @param {Source} source */
export function hold(source) {
  if (source === "screen" || source === "screen_sound") return void unshare()
  if (now.held.has(source)) return
  now.held.add(source)
  now.talking = false
  apply(source)
  say(source === "mic" ? _("The mediator has muted your microphone.") : _("The mediator has turned your camera off."))
}

/** @param {Source} source */
export function release(source) {
  now.locked.delete(source)
  if (!now.held.delete(source)) return
  if (source === "mic" || source === "camera") apply(source)
  say(source === "mic" ? _("You may speak again.") : _("You may show yourself again."))
  show()
}

/** @param {Source} source */
function track(source) {
  const mine = now.tracks.get(source)
  if (!mine) throw new Trouble("absent", source)
  return mine
}

/** Lets go of everything, so that the lights of camera and microphone go out. */
export function letGo() {
  for (const mine of now.tracks.values()) mine.stop()
  now.tracks.clear()
  now.troubles.clear()
  now.held.clear()
  now.locked.clear()
  now.talking = false
}
