/** Picture in picture: who speaks goes on in a small window above everything else, while one looks something up. */
/** @import { Wanted } from "./tiles.js" */
import { part } from "../page.js"
import { say } from "../notices.js"
import { consumerOf } from "../stage.js"
import { _ } from "../words.js"
import { now, show } from "./now.js"

/** @type {PictureInPictureWindow | null} */
let small = null
let producer = ""
/** Whose picture it would show. @type {Wanted | undefined} */
let most

export function mayFloat() {
  return document.pictureInPictureEnabled === true
}

/** How large this picture is in the small window; null when it is not there. @param {string} id */
export function floating(id) {
  return small && id === producer ? { width: small.width, height: small.height } : null
}

/** Opens the small window, or closes it. */
export async function float() {
  const video = videoOf()
  if (document.pictureInPictureElement) return void document.exitPictureInPicture().catch(() => undefined)
  if (!trackOf(most)) return void say(_("Nobody’s picture is there at the moment."))
  try {
    fill(video)
    await video.play()
    small = await video.requestPictureInPicture()
  } catch {
    video.srcObject = null
    return void say(_("The small window could not be opened."))
  }
  small.addEventListener("resize", show)
  video.addEventListener("leavepictureinpicture", () => { small = null; video.srcObject = null; show() }, { once: true })
  show()
}

/** The small window follows who speaks. @param {Wanted | undefined} wanted */
export function follow(wanted) {
  most = wanted
  if (!small) return
  if (now.state !== "on") document.exitPictureInPicture().catch(() => undefined)
  else fill(videoOf())
}

/** @param {HTMLVideoElement} video */
function fill(video) {
  const track = trackOf(most)
  producer = track && most?.producer ? most.producer.id : ""
  const shown = video.srcObject instanceof MediaStream ? video.srcObject.getTracks()[0] ?? null : null
  if (shown === track) return
  video.srcObject = track ? new MediaStream([track]) : null
  if (track) video.play().catch(() => undefined)
}

/** @param {Wanted | undefined} wanted */
function trackOf(wanted) {
  return wanted?.producer && !now.saves ? consumerOf(wanted.producer.id)?.track ?? null : null
}

function videoOf() {
  return /** @type {HTMLVideoElement} */ (part(document.body, "floating"))
}
