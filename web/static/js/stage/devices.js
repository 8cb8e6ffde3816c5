/** Which camera, microphone and loudspeaker: a sheet with what the computer has. */
import { say } from "../notices.js"
import { make, part } from "../page.js"
import { _ } from "../words.js"
import { now } from "./now.js"
import { choose, devicesChanged } from "./own.js"
import { hearFrom } from "./sounds.js"

/** @typedef {"mic" | "camera" | "speaker"} Role */

/** @param {ParentNode} root */
export function start(root) {
  const sheet = /** @type {HTMLDialogElement} */ (part(document.body, "devices-sheet"))
  part(root, "devices").addEventListener("click", async () => {
    await fill(sheet)
    sheet.showModal()
  })
  part(sheet, "done").addEventListener("click", () => sheet.close())
  sheet.addEventListener("change", (event) => {
    const list = event.target
    if (list instanceof HTMLSelectElement) use(/** @type {Role} */ (list.dataset.role), list.value)
  })
  navigator.mediaDevices?.addEventListener?.("devicechange", () => void changed(sheet))
}

/** Something was plugged in or pulled out. @param {HTMLDialogElement} sheet */
async function changed(sheet) {
  const all = await navigator.mediaDevices.enumerateDevices()
  await devicesChanged(all)
  if (now.devices.speaker && !all.some((one) => one.kind === "audiooutput" && one.deviceId === now.devices.speaker)) {
    await hearFrom("")
    say(_("The loudspeaker is gone. You hear the others by the computer’s own."))
  }
  if (sheet.open) await fill(sheet)
}

/** @param {HTMLElement} sheet */
async function fill(sheet) {
  const all = (await navigator.mediaDevices?.enumerateDevices()) ?? []
  /** @type {[Role, string][]} */
  const kinds = [["camera", "videoinput"], ["mic", "audioinput"], ["speaker", "audiooutput"]]
  for (const [role, kind] of kinds) {
    const found = all.filter((one) => one.kind === kind && one.deviceId)
    const field = part(sheet, role)
    field.hidden = found.length === 0
    const list = /** @type {HTMLSelectElement} */ (field.querySelector("select"))
    list.dataset.role = role
    list.replaceChildren(...found.map((one, n) => {
      const option = make("option", "", one.label || _("Device %(n)s", { n: n + 1 }))
      option.value = one.deviceId
      return option
    }))
    list.value = now.devices[role] || inUse(role) || list.options[0]?.value || ""
  }
}

/** @param {Role} role */
function inUse(role) {
  return role === "speaker" ? "" : now.tracks.get(role)?.getSettings().deviceId ?? ""
}

/** @param {Role} role @param {string} device */
function use(role, device) {
  if (role === "speaker") hearFrom(device)
  else choose(role, device)
}
