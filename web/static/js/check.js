/** The check before a meeting: camera, microphone and line, on the very way that the meeting will use. */
/** @import { Quality } from "./media/quality.js" */
import { ask, connect, hear, Refusal } from "./connection.js"
import { Line, load } from "./media/line.js"
import { measure } from "./media/meter.js"
import { measureLine } from "./media/quality.js"
import { takeBoth, Trouble } from "./media/tracks.js"
import { icon, make, part } from "./page.js"
import { number } from "./times.js"
import { _, gap } from "./words.js"

const RECORD_MS = 3000

/** @typedef {{ camera: string, microphone: string, line: Quality | null, heard_self: boolean }} Result */

/** @type {Line | null} */
let line = null
/** @type {(() => void)[]} */
let undo = []
let loudest = 0

/** @param {HTMLElement} root */
function start(root) {
  const room = root.dataset.room ?? ""
  hear("line", (state) => { root.dataset.line = state })
  for (const name of ["start", "again"]) part(root, name).addEventListener("click", () => run(root, room))
  addEventListener("pagehide", stop)
  hear("line", (state) => state === "online" && ask("enter_room", { room }).then(() => { root.dataset.entered = "true" }, (refusal) => fail(root, refusal)))
  connect()
  load().catch(() => undefined)
}

/** @param {HTMLElement} root @param {string} room */
async function run(root, room) {
  stop()
  for (const name of ["intro", "result", "question", "trouble"]) part(root, name).hidden = true
  part(root, "look").hidden = false
  root.dataset.state = "running"
  /** @type {Result} */
  const result = { camera: "absent", microphone: "absent", line: null, heard_self: false }
  try {
    const tracks = await takeKit(root, result)
    if (!tracks.length) return await finish(root, room, result)
    say(root, _("Connecting to the server…"))
    const back = await loop(room, tracks)
    say(root, _("Say a few words: “I can hear and see myself.” Three seconds are recorded."))
    const [film, quality] = await Promise.all([record(back), line ? measureLine(line, RECORD_MS) : null])
    result.line = quality
    if (result.microphone === "works" && loudest < 0.08) result.microphone = "silent"
    stop()
    result.heard_self = await askReader(root, film, result)
    await finish(root, room, result)
  } catch (error) {
    stop()
    fail(root, error)
  }
}

/** The reader's own devices, seen and heard before anything is sent. @param {HTMLElement} root @param {Result} result */
async function takeKit(root, result) {
  say(root, _("Your browser asks whether this page may use camera and microphone. Please allow it."))
  const { mic, camera } = await takeBoth({})
  /** @type {MediaStreamTrack[]} */
  const kept = []
  loudest = 0
  for (const [name, taken] of /** @type {const} */ ([["microphone", mic], ["camera", camera]])) {
    result[name] = taken instanceof Trouble ? (taken.why === "insecure" ? "refused" : taken.why) : "works"
    if (taken instanceof Trouble) help(root, taken.message)
    else kept.push(taken)
  }
  if (camera instanceof MediaStreamTrack) show(part(root, "preview"), camera)
  if (mic instanceof MediaStreamTrack) undo.push(measure(mic, (level) => meter(root, level)))
  undo.push(() => kept.forEach((track) => track.stop()))
  return kept
}

/** Sends the tracks to the server and takes them back from it. @param {string} room @param {MediaStreamTrack[]} tracks */
async function loop(room, tracks) {
  await online()
  const stage = await ask("join_stage", { room, check: true })
  undo.push(() => ask("leave_stage", { room }).catch(() => undefined))
  line = new Line(room, { broken: () => undefined, mending: () => undefined })
  undo.push(() => line?.close())
  await line.open(stage)
  const back = []
  for (const track of tracks) {
    const source = track.kind === "audio" ? "mic" : "camera"
    const producer = await line.send(source, track)
    const kind = /** @type {"audio" | "video"} */ (track.kind)
    const consumer = await line.receive({ id: producer.id, person: "self", kind, source, paused: false })
    back.push(consumer.track)
  }
  await flowing(back)
  return back
}

/** Waits until something has really come back. @param {MediaStreamTrack[]} tracks */
async function flowing(tracks) {
  const until = performance.now() + 8000
  while (tracks.some((track) => track.muted)) {
    if (performance.now() > until) throw new Refusal("unavailable", _("Nothing came back from the server. The network here may block sound and picture: try another network, for example the phone’s own."))
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** @param {MediaStreamTrack[]} tracks @returns {Promise<Blob>} */
function record(tracks) {
  const stream = new MediaStream(tracks)
  // Chromium lets nothing of a remote track flow before an element plays it.
  const sink = make("video")
  sink.muted = sink.playsInline = true
  sink.srcObject = stream
  sink.play().catch(() => undefined)
  return new Promise((resolve, reject) => {
    const recorder = new MediaRecorder(stream)
    /** @type {Blob[]} */
    const parts = []
    recorder.ondataavailable = (event) => parts.push(event.data)
    recorder.onstop = () => resolve(new Blob(parts, { type: recorder.mimeType }))
    recorder.onerror = () => reject(new Error("recording failed"))
    recorder.start()
    setTimeout(() => {
      recorder.stop()
      sink.srcObject = null
    }, RECORD_MS)
  })
}

/** Only the reader can say whether that was heard and seen. @param {HTMLElement} root @param {Blob} film @param {Result} result @returns {Promise<boolean>} */
function askReader(root, film, result) {
  say(root, "")
  part(root, "look").hidden = true
  part(root, "question").hidden = false
  const player = /** @type {HTMLVideoElement} */ (part(root, "player"))
  const address = URL.createObjectURL(film)
  undo.push(() => URL.revokeObjectURL(address))
  player.src = address
  player.dataset.size = String(film.size)
  player.classList.toggle("check__player--sound", result.camera !== "works")
  player.play().catch(() => undefined)
  root.dataset.state = "question"
  return new Promise((resolve) => {
    part(root, "yes").onclick = () => resolve(true)
    part(root, "no").onclick = () => resolve(false)
  })
}

/** @param {HTMLElement} root @param {string} room @param {Result} result */
async function finish(root, room, result) {
  stop()
  const measured = result.line ?? { rtt_ms: 0, loss: 0, kbit_up: 0, kbit_down: 0 }
  await online()
  const { score } = await ask("report_check", { room, ...result, line: measured })
  for (const name of ["look", "question"]) part(root, name).hidden = true
  part(root, "result").hidden = false
  part(root, "again-box").hidden = false
  const list = part(root, "lines")
  list.replaceChildren(...lines(result, score).map(([good, text]) => {
    const row = make("li", "check__line")
    row.dataset.good = String(good)
    row.append(icon(good ? "check" : "alert"), make("span", "", text))
    return row
  }))
  part(root, "verdict").textContent = verdict(score)
  root.dataset.state = "done"
  root.dataset.score = score
}

/** @param {Result} result @param {string} score @returns {[boolean, string][]} */
function lines(result, score) {
  const { camera, microphone, line: measured, heard_self } = result
  /** @type {[boolean, string][]} */
  const all = [[camera === "works", cameraWords(camera)], [microphone === "works", microphoneWords(microphone)]]
  if (measured) {
    // When all else is well, it is the line that cost the better mark.
    const bad = score !== "good" && camera === "works" && microphone === "works"
    const facts = _("%(rtt)s ms there and back, %(loss)s % lost, %(up)s kbit/s up, %(down)s down", { rtt: measured.rtt_ms, loss: number(measured.loss * 100), up: number(measured.kbit_up), down: number(measured.kbit_down) })
    const verdict = bad ? _("The line is weak. A place nearer to the router, or a cable, helps.") : _("The line is good enough.")
    all.push([!bad, verdict + gap + facts])
    if (!heard_self) all.push([false, _("You did not hear or see yourself. Check the loudspeaker and its volume, and choose another microphone or camera in the browser.")])
  }
  return all
}

/** @param {string} camera */
function cameraWords(camera) {
  return { works: _("The camera works."), refused: _("The camera is not allowed for this page."), busy: _("Another program is using the camera.") }[camera] ?? _("There is no camera. You can take part by sound and in writing.")
}

/** @param {string} microphone */
function microphoneWords(microphone) {
  return {
    works: _("The microphone works."), refused: _("The microphone is not allowed for this page."), busy: _("Another program is using the microphone."),
    silent: _("The microphone is there, but nothing was heard. Is it muted, or is another one chosen?"),
  }[microphone] ?? _("There is no microphone. You can listen and write.")
}

/** @param {string} score */
function verdict(score) {
  return { good: _("Everything is ready for the meeting."), fair: _("You can take part. One thing could be better:") }[score] ?? _("Something is missing for the meeting:")
}

/** @param {HTMLElement} root @param {unknown} error */
function fail(root, error) {
  if (!(error instanceof Refusal)) reportError(error)
  help(root, error instanceof Refusal && error.message ? error.message : _("The check could not be finished. Try again in a moment."))
  say(root, "")
  part(root, "again-box").hidden = false
  root.dataset.state = "failed"
}

/** @param {HTMLElement} root @param {string} sentence */
function help(root, sentence) {
  const box = part(root, "trouble")
  box.hidden = false
  part(box, "sentence").textContent = sentence
}

/** @param {HTMLElement} root @param {string} sentence */
function say(root, sentence) {
  part(root, "status").textContent = sentence
}

/** @param {HTMLElement} root @param {number} level */
function meter(root, level) {
  loudest = Math.max(loudest, level)
  const bar = /** @type {HTMLMeterElement} */ (part(root, "level"))
  bar.value = level
}

/** @param {HTMLElement} box @param {MediaStreamTrack} track */
function show(box, track) {
  const video = /** @type {HTMLVideoElement} */ (box)
  video.srcObject = new MediaStream([track])
  video.play().catch(() => undefined)
}

/** @returns {Promise<void>} */
function online() {
  const isIn = () => document.querySelector("[data-part='check'][data-line='online'][data-entered]") !== null
  if (isIn()) return Promise.resolve()
  return new Promise((resolve) => {
    const look = setInterval(() => {
      if (!isIn()) return
      clearInterval(look)
      resolve()
    }, 100)
  })
}

function stop() {
  for (const one of undo.reverse()) one()
  undo = []
  line = null
}

const root = document.querySelector("[data-part='check']")
if (root instanceof HTMLElement) start(root)
