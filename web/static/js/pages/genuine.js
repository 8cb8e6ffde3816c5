/** Checking a document: by a file that never leaves the device, and by a square code before the camera, where the browser can read one. */

import { part } from "../page.js"
import { _ } from "../words.js"

const LARGEST = 1024 ** 3
const LONGEST_TEXT = 4 * 1024 ** 2
const STATEMENT = "mediation:statement:1\n"
const TEXT = new TextEncoder().encode("mediation agreement text 1\0")

/** @param {ArrayBuffer | Uint8Array<ArrayBuffer>} bytes */
async function digest(bytes) {
  const hashed = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))
  return [...hashed].map((byte) => byte.toString(16).padStart(2, "0")).join("")
}

/** The check value of a file, and the one it would have as the text of an agreement. @param {File} file */
async function digests(file) {
  const bytes = await file.arrayBuffer()
  if (bytes.byteLength > LONGEST_TEXT) return [await digest(bytes), ""]
  const text = new Uint8Array(TEXT.length + bytes.byteLength)
  text.set(TEXT)
  text.set(new Uint8Array(bytes), TEXT.length)
  return [await digest(bytes), await digest(text)]
}

/** What is signed of a connection statement, when the file is one: its digest, made anew from what it says, and the signature. @param {File} file */
async function statement(file) {
  if (file.size > LONGEST_TEXT) return ["", ""]
  try {
    const told = JSON.parse(await file.text())
    const made = await digest(new TextEncoder().encode(STATEMENT + JSON.stringify(sorted(told.statement))))
    return made === told.digest ? [made, String(told.signature)] : ["", ""]
  } catch {
    return ["", ""]
  }
}

/** With the names in the order of RFC 8785. @param {any} value @returns {any} */
function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(Object.keys(value).sort().map((name) => [name, sorted(value[name])]))
}

/** @param {HTMLElement} root */
function files(root) {
  const drop = part(root, "drop"), said = part(root, "said")
  const chosen = /** @type {HTMLInputElement} */ (part(root, "chosen"))
  const form = /** @type {HTMLFormElement} */ (part(root, "form"))
  const known = [root.dataset.sha256, root.dataset.text].filter(Boolean)
  if (!globalThis.crypto?.subtle) {
    said.textContent = _("This browser cannot compute check values here. Open the page by https, or check the number.")
    return
  }
  drop.hidden = false

  /** @param {File | undefined} file */
  async function look(file) {
    if (!file) return
    delete said.dataset.answer
    if (file.size > LARGEST) {
      said.textContent = _("This file is larger than 1 GB. A browser cannot check it; check its number.")
      return
    }
    said.textContent = _("Computing the check value …")
    try {
      const [sha256, text] = await digests(file)
      if (known.length) return compare(known.includes(sha256) || known.includes(text))
      const named = /** @type {Record<string, HTMLInputElement>} */ (/** @type {unknown} */ (form.elements))
      named.sha256.value = sha256
      named.text.value = text
      ;[named.statement.value, named.signature.value] = await statement(file)
      form.submit()
    } catch {
      said.textContent = _("The file could not be read. Please choose it once more.")
    }
  }

  /** @param {boolean} same */
  function compare(same) {
    said.dataset.answer = same ? "same" : "other"
    said.textContent = same
      ? _("Yes: your file is exactly this document.")
      : _("No: your file is another one, or was changed. Already one changed letter makes another file.")
  }

  chosen.addEventListener("change", () => look(chosen.files?.[0]))
  addEventListener("dragover", (event) => {
    event.preventDefault()
    drop.dataset.over = ""
  })
  addEventListener("dragleave", (event) => event.relatedTarget || delete drop.dataset.over)
  addEventListener("drop", (event) => {
    event.preventDefault()
    delete drop.dataset.over
    look(event.dataTransfer?.files[0])
  })
}

/** What reads square codes, where the browser has it: no type of TypeScript's knows it yet. */
const Detector = /** @type {any} */ (globalThis).BarcodeDetector

async function scanner() {
  const can = navigator.mediaDevices && Detector && (await Detector.getSupportedFormats()).includes("qr_code")
  if (!can) return
  const start = part(document, "scan"), place = part(document, "camera"), said = part(document, "scanned")
  const picture = /** @type {HTMLVideoElement} */ (part(document, "picture"))
  const detector = new Detector({ formats: ["qr_code"] })
  start.hidden = false

  function stop() {
    for (const track of /** @type {MediaStream | null} */ (picture.srcObject)?.getTracks() ?? []) track.stop()
    picture.srcObject = null
    place.hidden = true
    start.hidden = false
  }

  /** @param {string} read */
  function found(read) {
    stop()
    const address = URL.canParse(read) ? new URL(read) : null
    if (address?.origin === location.origin && /^\/(genuine|certificates)\/[\w-]+$/.test(address.pathname)) location.assign(address.pathname)
    else said.textContent = _("This square does not lead to us. A genuine document's does.")
  }

  async function watch() {
    if (!picture.srcObject) return
    const codes = await detector.detect(picture).catch(() => [])
    if (!picture.srcObject) return
    if (codes.length) found(codes[0].rawValue)
    else setTimeout(watch, 150)
  }

  start.addEventListener("click", async () => {
    said.textContent = ""
    try {
      picture.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } })
    } catch {
      said.textContent = _("The camera could not be opened. Allow it in the browser, or type the number.")
      return
    }
    place.hidden = false
    start.hidden = true
    await picture.play()
    watch()
  })
  part(document, "stop").addEventListener("click", stop)
}

const place = document.querySelector("[data-part=file]")
if (place instanceof HTMLElement) files(place)
scanner()
