/** What one can send besides text: voice, pictures, clips, files, a place; chosen, pasted or dropped. What is heavy comes when it is used. */
import { currentPlace } from "./channels.js"
import { newId, part } from "./page.js"
import { sendFile } from "./uploads.js"

const FILMS = /\.(mp4|mov|webm)$/i

/** @param {HTMLElement} composer */
export function start(composer) {
  startVoice(composer)
  part(composer, "location").addEventListener("click", async () => {
    part(composer, "plus").hidePopover?.()
    ;(await import("./location.js")).share()
  })
  for (const name of ["take-photo", "take-film"]) {
    const camera = /** @type {HTMLInputElement} */ (part(composer, name))
    camera.addEventListener("change", () => {
      part(composer, "plus").hidePopover?.()
      const place = currentPlace()
      if (place?.write) sendFiles([...(camera.files ?? [])], place.write.id)
      camera.value = ""
    })
  }
  startDropping()
  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])]
    // From a sheet or a letter comes text with a picture of it: the text is what is meant.
    if (!files.length || event.clipboardData?.types.includes("text/plain") || document.querySelector("dialog[open]")) return
    event.preventDefault()
    void lookOver(files.map(named))
  })
}

/**
 * Files in the order in which they were chosen, each a message of its own; pictures stand together. The words go with the first one.
 * @param {File[]} files @param {string} channel @param {string} [caption]
 */
export function sendFiles(files, channel, caption = "") {
  const lane = files.length > 1 ? newId() : undefined
  const rest = caption ? files.slice(1) : files
  const album = rest.filter(isPicture).length > 1 ? newId().slice(0, 12) : ""
  let place = 0
  files.forEach((file, n) => {
    /** @type {import("./upload.js").Told} */
    const told = {}
    if (file.type.startsWith("video/") || FILMS.test(file.name)) told.kind = "clip"
    if (album && isPicture(file) && rest.includes(file) && place < 100) told.album = `${album}:${place++}`
    if (n === 0 && caption) told.caption = caption
    sendFile(file, { channel, purpose: "message", told, ...(lane ? { lane } : {}) })
  })
}

/** @param {File} file */
function isPicture(file) {
  return /^image\/(jpeg|png|gif|webp)$/.test(file.type)
}

/** Everything pasted is called "image.png": a name with the time tells one from the other. @param {File} file */
function named(file) {
  if (!/^image\.\w+$/.test(file.name)) return file
  const at = new Date().toISOString().slice(0, 19).replace("T", "-").replaceAll(":", "")
  return new File([file], `picture-${at}${file.name.slice(5)}`, { type: file.type })
}

/** Nothing that was pasted or dropped goes out before it was looked at, with the place it goes to. @param {File[]} files */
async function lookOver(files) {
  const place = currentPlace()
  if (place?.write?.may_speak) (await import("./sheet.js")).open(files, place)
}

/** The recorder comes when a hand nears the button; where there is no hand to see coming, when nothing else is to be done. @param {HTMLElement} composer */
function startVoice(composer) {
  const mic = part(composer, "voice")
  mic.hidden = typeof MediaRecorder === "undefined"
  /** @type {Promise<typeof import("./voice.js") | undefined> | undefined} */
  let coming
  let there = false
  const fetchIt = () => {
    coming ??= import("./voice.js").then((voice) => {
      voice.start(composer)
      there = true
      return voice
    }, () => (coming = undefined))
    return coming
  }
  for (const name of ["pointerenter", "focus"]) mic.addEventListener(name, fetchIt)
  mic.addEventListener("pointerdown", async (event) => {
    if (there || event.pointerType !== "touch") return
    event.preventDefault()
    mic.setPointerCapture(event.pointerId)
    let holds = true
    for (const end of ["pointerup", "pointercancel"]) mic.addEventListener(end, () => { holds = false }, { once: true })
    const voice = await fetchIt()
    if (holds) voice?.press(event)
  })
  mic.addEventListener("click", async () => {
    if (there) return
    await fetchIt()
    if (there) mic.click()
  })
  if (matchMedia("(pointer: coarse)").matches) setTimeout(fetchIt, 500)
}

function startDropping() {
  /** Says over the page where it goes. @type {typeof import("./dropzone.js") | null} */
  let zone = null
  const isFiles = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files") && !document.querySelector("dialog[open]")
  document.addEventListener("dragenter", () => void import("./dropzone.js").then((come) => { zone = come }, () => undefined))
  document.addEventListener("dragover", (event) => {
    if (!isFiles(event)) return
    event.preventDefault()
    zone?.show(event.dataTransfer)
  })
  document.addEventListener("dragleave", (event) => event.relatedTarget || zone?.hide())
  document.addEventListener("drop", (event) => {
    zone?.hide()
    if (!isFiles(event)) return
    event.preventDefault()
    const files = [...(event.dataTransfer?.files ?? [])].filter((file) => file.size || file.type)
    if (files.length) void lookOver(files)
  })
}
