/** Recording a voice message: held with a finger, or started and ended by clicks and keys. It goes where it was begun. */
/** @import { Place } from "./channels.js" */
import { currentPlace } from "./channels.js"
import { level, measure } from "./levels.js"
import { takeMic, Trouble } from "./media/tracks.js"
import { say } from "./notices.js"
import { button, icon, make, part } from "./page.js"
import { now } from "./stage/now.js"
import { seconds } from "./times.js"
import { sendFile } from "./uploads.js"
import { _ } from "./words.js"

const SHORTEST = 700
const LONGEST = 5 * 60_000
const WARNING = LONGEST - 30_000
const TICK = 100
const BARS = 28
/** So far a finger slides to cancel, or up to lock. */
const AWAY = 90
const UP = 70
const FORMS = [["audio/webm;codecs=opus", "webm"], ["audio/mp4", "m4a"], ["audio/ogg;codecs=opus", "ogg"]]

/** @typedef {{ place: Place, track: MediaStreamTrack, recorder: MediaRecorder, ending: string, chunks: Blob[], began: number, ms: number, levels: number[], timer: number, context: AudioContext, bar: HTMLElement }} Take */

/** @type {Take | null} */
let take = null
/** Counts the wishes: a microphone that comes after the finger was lifted is given back. */
let wish = 0
let wishing = false
/** When a finger was last lifted: the click that follows it is none of a mouse. */
let touched = -SHORTEST
/** @type {HTMLElement} */
let mic
/** @type {HTMLElement} */
let row

/** @param {HTMLElement} composer */
export function start(composer) {
  mic = part(composer, "voice")
  row = part(composer, "row")
  mic.addEventListener("pointerdown", press)
  mic.addEventListener("contextmenu", (event) => event.preventDefault())
  // A finger holds; a mouse, a key and a screen reader press once and see the buttons for the rest.
  mic.addEventListener("click", (event) => {
    if (event.timeStamp - touched > SHORTEST) void begin("open")
  })
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !take) return
    event.preventDefault()
    cancel()
  })
}

/** @param {PointerEvent} event */
export function press(event) {
  if (event.pointerType !== "touch" || take) return
  event.preventDefault()
  mic.setPointerCapture(event.pointerId)
  const { clientX, clientY } = event
  const towards = getComputedStyle(mic).direction === "rtl" ? -1 : 1
  const pressed = performance.now()
  const moved = (/** @type {PointerEvent} */ at) => {
    if (!take || mode() !== "held") return
    if ((clientX - at.clientX) * towards > AWAY) cancel()
    else if (clientY - at.clientY > UP) lock()
  }
  const up = (/** @type {PointerEvent} */ at) => {
    touched = at.timeStamp
    mic.removeEventListener("pointermove", moved)
    if (take && mode() === "held") return void (at.type === "pointercancel" ? cancel() : send())
    if (take || !wishing) return
    wish++
    wishing = false
    say(performance.now() - pressed < SHORTEST ? _("Too short. Hold the button for as long as you speak.") : _("The microphone was not ready yet. Hold the button once more and speak."))
  }
  mic.addEventListener("pointermove", moved)
  for (const end of /** @type {const} */ (["pointerup", "pointercancel"])) mic.addEventListener(end, up, { once: true })
  void begin("held")
}

/** @param {"held" | "open"} how */
async function begin(how) {
  const place = currentPlace()
  if (take || wishing || !place?.write?.may_speak) return
  const mine = ++wish
  wishing = true
  try {
    const track = await microphone()
    if (mine !== wish) return track.stop()
    take = record(track, place, how)
  } catch (error) {
    if (!(error instanceof Trouble)) throw error
    say(error.message, { stays: true })
  } finally {
    if (mine === wish) wishing = false
  }
}

/** In a meeting the stage's own microphone is heard a second time: a second question to the device would stop the first on some telephones. */
async function microphone() {
  const own = now.tracks.get("mic")
  if (own?.readyState !== "live") return takeMic(now.devices.mic)
  const copy = own.clone()
  copy.enabled = true
  return copy
}

/** @param {MediaStreamTrack} track @param {Place} place @param {"held" | "open"} how @returns {Take} */
function record(track, place, how) {
  const stream = new MediaStream([track])
  const [kind, ending] = FORMS.find(([type]) => MediaRecorder.isTypeSupported(type ?? "")) ?? ["", "webm"]
  const recorder = new MediaRecorder(stream, { ...(kind ? { mimeType: kind } : {}), audioBitsPerSecond: 32_000 })
  const context = new AudioContext()
  void context.resume() // some telephones begin it asleep
  const meter = context.createAnalyser()
  context.createMediaStreamSource(stream).connect(meter)
  /** @type {Take} */
  const made = { place, track, recorder, ending: ending ?? "webm", chunks: [], began: performance.now(), ms: 0, levels: [], timer: 0, context, bar: drawBar(place) }
  recorder.addEventListener("dataavailable", ({ data }) => data.size && made.chunks.push(data))
  recorder.addEventListener("start", () => { made.began = performance.now() })
  track.addEventListener("ended", () => stop(made, _("The microphone is gone. What was recorded can be sent.")))
  recorder.start(1000)
  const heard = new Float32Array(meter.fftSize)
  made.timer = setInterval(() => {
    meter.getFloatTimeDomainData(heard)
    tick(made, level(heard))
  }, TICK)
  show(made, how)
  return made
}

/** @param {Take} made @param {number} loud */
function tick(made, loud) {
  const before = made.ms
  made.ms = performance.now() - made.began
  made.levels.push(loud)
  // A second is shown when it is full: who stops at 0:01 has not spoken too short.
  part(made.bar, "voice-time").textContent = seconds(Math.floor(made.ms / 1000) * 1000)
  const bars = part(made.bar, "voice-levels").children
  made.levels.slice(-BARS).forEach((one, n) => /** @type {HTMLElement} */ (bars[n])?.style.setProperty("--level", String(one / 100)))
  if (before < WARNING && made.ms >= WARNING) hint(made, _("30 seconds left. A voice message can be 5 minutes long."))
  if (made.ms >= LONGEST) stop(made, _("5 minutes are full. Send what was recorded, or discard it."))
}

/** Ends the recording and leaves it to the reader what becomes of it. @param {Take} made @param {string} why */
function stop(made, why) {
  if (take !== made || made.recorder.state === "inactive") return
  letGo(made)
  lock()
  hint(made, why)
}

/** @param {Take} made */
function letGo(made) {
  clearInterval(made.timer)
  if (made.recorder.state !== "inactive") made.recorder.stop()
  made.track.stop()
  void made.context.close()
  made.bar.dataset.over = "true"
}

async function send() {
  const made = take
  if (!made) return
  const whole = new Promise((resolve) => {
    if (made.recorder.state === "inactive") setTimeout(resolve)
    else made.recorder.addEventListener("stop", resolve, { once: true })
  })
  letGo(made)
  hide(made)
  await whole
  const type = (made.recorder.mimeType || "audio/webm").split(";")[0]
  const file = new File(made.chunks, `voice-${stamp()}.${made.ending}`, { type })
  const { ms, levels } = await measure(file, { ms: made.ms, levels: made.levels.slice(0, 48) })
  if (ms < SHORTEST) return void say(_("Too short. Hold the button for as long as you speak."))
  const channel = made.place.write?.id ?? ""
  sendFile(file, { channel, purpose: "message", lane: `voice:${channel}`, told: { kind: "voice", levels: levels.join(",") }, label: _("Voice message, %(time)s", { time: seconds(ms) }) })
}

function cancel() {
  const made = take
  if (!made) return
  letGo(made)
  hide(made)
  part(document.body, "live").textContent = _("The recording was discarded.")
}

function lock() {
  if (!take) return
  show(take, "open")
}

function mode() {
  return take?.bar.dataset.mode
}

/** @param {Take} made @param {"held" | "open"} how */
function show(made, how) {
  const was = made.bar.dataset.mode
  made.bar.dataset.mode = how
  row.dataset.voice = how
  if (!made.bar.isConnected) row.prepend(made.bar)
  if (was !== how) hint(made, first(how))
  if (how === "open" && was !== how) part(made.bar, "voice-send").focus()
}

/** @param {"held" | "open"} how */
function first(how) {
  if (now.state === "on" && now.tracks.get("mic")?.enabled) return _("Your microphone in the meeting is on: those inside hear you as well.")
  return how === "held" ? _("Slide aside to discard, up to let go of the button") : _("Recording a voice message")
}

/** @param {Take} made */
function hide(made) {
  const focused = made.bar.contains(document.activeElement)
  take = null
  delete row.dataset.voice
  made.bar.remove()
  if (focused) mic.focus()
}

/** @param {Take} made @param {string} words */
function hint(made, words) {
  part(made.bar, "voice-hint").textContent = words
}

/** @param {Place} place */
function drawBar(place) {
  const bar = make("div", "voicebar")
  bar.dataset.part = "voicebar"
  bar.setAttribute("role", "group")
  bar.setAttribute("aria-label", place.kind === "everyone" ? _("Voice message to everyone") : _("Private voice message"))
  const discard = button(_("Discard"), cancel, "button button--quiet voicebar__discard")
  const dot = make("span", "voicebar__dot")
  const time = make("span", "voicebar__time", "0:00")
  const levels = make("span", "voicebar__levels")
  const words = make("span", "voicebar__hint")
  const go = button("", send, "button voicebar__send")
  go.append(icon("send"), place.kind === "everyone" ? _("Send") : _("Send privately"))
  for (const hidden of [dot, levels]) hidden.setAttribute("aria-hidden", "true")
  for (let n = 0; n < BARS; n++) levels.append(make("i"))
  words.setAttribute("role", "status")
  for (const [name, box] of /** @type {const} */ ([["voice-discard", discard], ["voice-time", time], ["voice-levels", levels], ["voice-hint", words], ["voice-send", go]])) box.dataset.part = name
  bar.append(discard, dot, time, levels, words, go)
  return bar
}

/** A name that says when. */
function stamp() {
  const at = new Date()
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0")
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}-${two(at.getHours())}${two(at.getMinutes())}${two(at.getSeconds())}`
}
