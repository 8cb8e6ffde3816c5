/** The reader's own microphone, camera and screen; and when one cannot be had, what to do about it. */
/** @import { Source } from "../types" */
import { _ } from "../words.js"

/** @typedef {"refused" | "absent" | "busy" | "insecure"} Why */

export class Trouble extends Error {
  /** @param {Why} why @param {Source} source */
  constructor(why, source) {
    super(advice(why, source))
    this.why = why
    this.source = source
  }
}

const SOUND = { echoCancellation: true, noiseSuppression: true, autoGainControl: true }
// A large picture is worth its work only on a device that has the strength for three sizes of it at once.
const STRONG = (navigator.hardwareConcurrency ?? 1) > 4
const PICTURE = { width: { ideal: STRONG ? 1280 : 640 }, height: { ideal: STRONG ? 720 : 360 }, frameRate: { ideal: 24, max: 30 } }

/** @param {string} [device] */
export function takeMic(device) {
  return take("mic", device, (one) => ({ audio: { ...SOUND, ...chosen(one) } }))
}

/** @param {string} [device] */
export function takeCamera(device) {
  return take("camera", device, (one) => ({ video: { ...PICTURE, ...(one ? chosen(one) : { facingMode: "user" }) } }))
}

/**
 * Both with one question to the reader; what is missing is said, and the other one is still had.
 * @param {{ mic?: string, camera?: string }} devices
 * @returns {Promise<{ mic: MediaStreamTrack | Trouble, camera: MediaStreamTrack | Trouble }>}
 */
export async function takeBoth({ mic, camera }) {
  try {
    const constraints = { audio: { ...SOUND, ...chosen(mic) }, video: { ...PICTURE, ...(camera ? chosen(camera) : { facingMode: "user" }) } }
    const stream = await devices("camera").getUserMedia(constraints)
    const [sound] = stream.getAudioTracks()
    const [picture] = stream.getVideoTracks()
    return { mic: sound ?? new Trouble("absent", "mic"), camera: picture ?? new Trouble("absent", "camera") }
  } catch (error) {
    if (error instanceof Trouble) return { mic: error, camera: error }
    const one = (/** @type {Promise<MediaStreamTrack>} */ taking) => taking.catch((trouble) => /** @type {Trouble} */ (trouble))
    return { mic: await one(takeMic(mic)), camera: await one(takeCamera(camera)) }
  }
}

/** A screen, a window or a tab, with its sound where the browser gives it; null when the reader thought better of it. */
export async function takeScreen() {
  try {
    const stream = await devices("screen").getDisplayMedia({ video: { frameRate: { max: 15 } }, audio: true })
    const [picture] = stream.getVideoTracks()
    if (!picture) return null
    const [sound] = stream.getAudioTracks()
    picture.contentHint = "detail"
    if (sound) sound.contentHint = "music"
    return { picture, sound }
  } catch (error) {
    if (error instanceof DOMException && error.name === "NotAllowedError") return null
    throw trouble(error, "screen")
  }
}

export function mayShare() {
  return typeof navigator.mediaDevices?.getDisplayMedia === "function"
}

/** @param {Why} why @param {Source} source */
export function advice(why, source) {
  const sound = source === "mic"
  switch (why) {
    case "refused":
      return sound
        ? _("The browser does not let this page use the microphone. Tap the sign beside the address, allow the microphone, and try again. Until then you can listen and write.")
        : _("The browser does not let this page use the camera. Tap the sign beside the address, allow the camera, and try again. You can take part by sound and in writing.")
    case "absent":
      return sound
        ? _("No microphone was found. Plug one in, or take part on your phone. Until then you can listen and write.")
        : _("No camera was found. You can take part by sound and in writing.")
    case "busy":
      return sound
        ? _("Another program is using the microphone. Close it, for example a call that is still open, and try again.")
        : _("Another program is using the camera. Close it, for example a call that is still open, and try again. You can take part by sound meanwhile.")
    default:
      return _("Camera and microphone need a safe connection. Open this page with https.")
  }
}

/**
 * The chosen device; another one when it is gone.
 * @param {Source} source @param {string | undefined} device @param {(device: string | undefined) => MediaStreamConstraints} wanted
 * @returns {Promise<MediaStreamTrack>}
 */
async function take(source, device, wanted) {
  try {
    const stream = await devices(source).getUserMedia(wanted(device))
    const [track] = stream.getTracks()
    if (!track) throw new Trouble("absent", source)
    return track
  } catch (error) {
    if (device && /** @type {{ name?: string }} */ (error).name === "OverconstrainedError") return take(source, undefined, wanted)
    throw error instanceof Trouble ? error : trouble(error, source)
  }
}

/** @param {Source} source */
function devices(source) {
  if (!navigator.mediaDevices) throw new Trouble("insecure", source)
  return navigator.mediaDevices
}

/** @param {unknown} error @param {Source} source */
function trouble(error, source) {
  const name = error instanceof DOMException ? error.name : error instanceof Error ? error.name : ""
  if (["NotAllowedError", "SecurityError", "PermissionDeniedError"].includes(name)) return new Trouble("refused", source)
  if (["NotFoundError", "OverconstrainedError", "DevicesNotFoundError"].includes(name)) return new Trouble("absent", source)
  return new Trouble("busy", source)
}

/** @param {string | undefined} device */
function chosen(device) {
  return device ? { deviceId: { exact: device } } : {}
}
