/** One's own microphone, camera and screen on the stage: one's own switches, and the moderator's hand over them. */
/** @import { Source, StageAnswer } from "../types" */
import { ask } from "../connection.js"
import { mayShare, takeBoth, takeCamera, takeMic, takeScreen, Trouble } from "../media/tracks.js"
import { say } from "../notices.js"
import { _ } from "../words.js"
import { now, show } from "./now.js"

/** One's own switch. @param {"mic" | "camera"} source */
export async function turn(source) {
  if (now.held.has(source)) return void say(source === "mic" ? _("The mediator has muted your microphone. Raise your hand to ask for it.") : _("The mediator has turned your camera off. Raise your hand to ask for it."))
  if (now.troubles.has(source)) return retry(source)
  now.wants[source] = !now.wants[source]
  await apply(source)
  show()
}

/** Tries again to get a microphone or camera that could not be had. @param {"mic" | "camera"} source */
export async function retry(source) {
  try {
    now.tracks.set(source, await (source === "mic" ? takeMic : takeCamera)(now.devices[source]))
    now.troubles.delete(source)
    now.wants[source] = true
    watchEnd(source)
    await now.line?.send(source, track(source))
  } catch (error) {
    if (!(error instanceof Trouble)) return void reportError(error)
    now.troubles.set(source, error)
    say(error.message, { stays: true })
  }
  show()
}

/** Another microphone or camera, without leaving. @param {"mic" | "camera"} source @param {string} device */
export async function choose(source, device) {
  now.devices[source] = device
  now.tracks.get(source)?.stop()
  now.tracks.delete(source)
  await retry(source)
  await apply(source)
}

/** Shows the screen to the others, or stops. */
export async function share() {
  if (now.tracks.has("screen")) return unshare()
  if (!mayShare()) return void say(_("This browser cannot show its screen. A computer can."))
  try {
    const screen = await takeScreen()
    if (!screen) return
    now.tracks.set("screen", screen.picture)
    screen.picture.addEventListener("ended", unshare)
    await now.line?.send("screen", screen.picture)
    if (screen.sound) {
      now.tracks.set("screen_sound", screen.sound)
      await now.line?.send("screen_sound", screen.sound)
    }
  } catch (error) {
    await unshare()
    say(error instanceof Error && error.message ? error.message : _("The screen could not be shown."))
  }
  show()
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

/** A cable that is pulled or a permission that is taken back. @param {"mic" | "camera"} source */
function watchEnd(source) {
  const mine = now.tracks.get(source)
  mine?.addEventListener("ended", () => {
    if (now.tracks.get(source) !== mine) return
    now.tracks.delete(source)
    now.troubles.set(source, new Trouble("absent", source))
    now.line?.stop(source)
    show()
  })
}

/** Sends whatever of one's own is not sent yet. */
export async function sendAll() {
  for (const [source, mine] of now.tracks) {
    if (now.line?.producers.has(source)) continue
    await now.line?.send(source, mine)
    if (source === "mic" || source === "camera") await apply(source)
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
  const open = now.wants[source] && !now.held.has(source)
  const mine = now.tracks.get(source)
  if (mine) mine.enabled = open
  if (!producer || producer.closed) return
  const was = producer.paused
  if (open) producer.resume()
  else producer.pause()
  if (was === producer.paused || now.held.has(source)) return
  await ask(open ? "resume_producer" : "pause_producer", { producerId: producer.id }).catch((refusal) => {
    if (refusal.code === "not_allowed") now.held.add(source)
  })
}

async function unshare() {
  for (const source of /** @type {Source[]} */ (["screen", "screen_sound"])) {
    now.tracks.get(source)?.stop()
    now.tracks.delete(source)
    await now.line?.stop(source)
  }
  show()
}

/** @param {Source} source */
export function hold(source) {
  if (source === "screen" || source === "screen_sound") return void unshare()
  now.held.add(source)
  apply(source)
  say(source === "mic" ? _("The mediator has muted your microphone.") : _("The mediator has turned your camera off."))
}

/** @param {Source} source */
export function release(source) {
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
}
