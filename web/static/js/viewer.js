/** Pictures at full size, one after the other: by keys, by fingers, by the wheel. */
import { nameOf } from "./facts.js"
import { confirm } from "./notices.js"
import { iconButton, make } from "./page.js"
import { _ } from "./words.js"

const CLOSEST = 6
const CLOSER = 1.5
/** So far a finger moves to turn to another picture. */
const SWIPE = 60
const TWICE_MS = 300

/** @typedef {{ sheet: HTMLDialogElement, links: HTMLAnchorElement[], at: number, shown: HTMLImageElement, title: HTMLElement, count: HTMLElement, before: HTMLButtonElement, after: HTMLButtonElement, scale: number, x: number, y: number }} Viewer */

/** @param {HTMLAnchorElement} link the picture in the stream */
export function open(link) {
  const pane = link.closest(".room__pane") ?? document.body
  const links = /** @type {HTMLAnchorElement[]} */ ([...pane.querySelectorAll("a.bubble__frame")])
  const sheet = make("dialog", "viewer")
  const [title, count, shown] = [make("p", "viewer__title"), make("p", "viewer__count"), make("img", "viewer__picture")]
  const desk = make("div", "viewer__desk")
  title.setAttribute("role", "status")
  shown.draggable = false
  const step = (/** @type {number} */ by) => turn(view, view.at + by)
  /** @type {Viewer} */
  const view = {
    sheet, links, at: links.indexOf(link), shown, title, count, scale: 1, x: 0, y: 0,
    before: iconButton("chevron-left", _("The picture before"), () => step(-1), "viewer__turn viewer__turn--before"),
    after: iconButton("chevron-right", _("The next picture"), () => step(1), "viewer__turn viewer__turn--after"),
  }
  const bar = make("div", "viewer__bar")
  bar.append(title, count, iconButton("minus", _("Smaller"), () => zoom(view, 1 / CLOSER), "viewer__act"), iconButton("plus", _("Larger"), () => zoom(view, CLOSER), "viewer__act"),
    iconButton("download", _("Save the original"), () => save(view), "viewer__act"), iconButton("close", _("Close"), () => sheet.close(), "viewer__act"))
  desk.append(shown, view.before, view.after)
  sheet.append(bar, desk)
  sheet.setAttribute("aria-label", _("Pictures"))
  sheet.addEventListener("keydown", (event) => press(view, event))
  sheet.addEventListener("close", () => {
    sheet.remove()
    const last = view.links[view.at]
    if (last?.isConnected) last.focus({ preventScroll: view.at === links.indexOf(link) })
  })
  feel(view, desk)
  document.body.append(sheet)
  sheet.showModal()
  turn(view, view.at)
}

/** @param {Viewer} view @param {number} to */
function turn(view, to) {
  const link = view.links[to]
  if (!link) return
  view.at = to
  const row = link.closest(".bubble")
  const who = row instanceof HTMLElement ? nameOf(row.dataset.actor ?? null) : ""
  const name = link.dataset.name ?? ""
  Object.assign(view, { scale: 1, x: 0, y: 0 })
  place(view)
  view.shown.src = `${link.href}?preview=1`
  view.shown.alt = _("Picture: %(name)s, from %(who)s", { name, who })
  view.title.textContent = _("%(name)s, from %(who)s", { name, who })
  view.count.textContent = _("%(n)s of %(m)s", { n: to + 1, m: view.links.length })
  view.before.disabled = to === 0
  view.after.disabled = to === view.links.length - 1
}

/** The original holds what the camera wrote into it. @param {Viewer} view */
async function save(view) {
  const link = view.links[view.at]
  const sure = await confirm({ title: _("Save the original?"), text: _("It may tell where and when it was taken, and with which device. What you see here does not."), act: _("Save the original") })
  if (sure === null || !link) return
  const away = make("a")
  Object.assign(away, { href: `${link.href}?download=1`, download: link.dataset.name ?? "" })
  away.click()
}

/** @param {Viewer} view @param {KeyboardEvent} event */
function press(view, event) {
  const back = getComputedStyle(view.sheet).direction === "rtl" ? 1 : -1
  switch (event.key) {
    case "ArrowLeft": turn(view, view.at + back); break
    case "ArrowRight": turn(view, view.at - back); break
    case "Home": turn(view, 0); break
    case "End": turn(view, view.links.length - 1); break
    case "+": case "=": zoom(view, CLOSER); break
    case "-": zoom(view, 1 / CLOSER); break
    case "0": zoom(view, 0); break
    default: return
  }
  event.preventDefault()
}

/** Closer, or farther off; what is under the point stays under it. @param {Viewer} view @param {number} by @param {number} [px] @param {number} [py] both from the middle */
function zoom(view, by, px = 0, py = 0) {
  const scale = Math.min(CLOSEST, Math.max(1, view.scale * by))
  view.x = px - ((px - view.x) * scale) / view.scale
  view.y = py - ((py - view.y) * scale) / view.scale
  view.scale = scale
  place(view)
}

/** @param {Viewer} view */
function place(view) {
  const { shown, scale } = view
  const roomX = (shown.clientWidth * (scale - 1)) / 2
  const roomY = (shown.clientHeight * (scale - 1)) / 2
  view.x = Math.min(roomX, Math.max(-roomX, view.x))
  view.y = Math.min(roomY, Math.max(-roomY, view.y))
  shown.style.transform = `translate(${view.x}px, ${view.y}px) scale(${scale})`
  view.sheet.dataset.scale = scale.toFixed(2)
}

/** Wheel, pinch, double tap, dragging and swiping. @param {Viewer} view @param {HTMLElement} desk */
function feel(view, desk) {
  /** @type {Map<number, { x: number, y: number }>} */
  const fingers = new Map()
  let [from, apart, tapped] = [{ x: 0, y: 0 }, 0, 0]
  const middle = (/** @type {number} */ x, /** @type {number} */ y) => {
    const box = desk.getBoundingClientRect()
    return /** @type {const} */ ([x - box.left - box.width / 2, y - box.top - box.height / 2])
  }
  desk.addEventListener("wheel", (event) => {
    event.preventDefault()
    zoom(view, Math.exp(-event.deltaY / 300), ...middle(event.clientX, event.clientY))
  }, { passive: false })
  desk.addEventListener("pointerdown", (event) => {
    if (event.target instanceof Element && event.target.closest("button")) return
    desk.setPointerCapture(event.pointerId)
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY })
    from = { x: event.clientX, y: event.clientY }
    apart = distance(fingers)
  })
  desk.addEventListener("pointermove", (event) => {
    const was = fingers.get(event.pointerId)
    if (!was) return
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY })
    if (fingers.size === 2) {
      const [one, other] = [...fingers.values()]
      const next = distance(fingers)
      if (one && other && apart) zoom(view, next / apart, ...middle((one.x + other.x) / 2, (one.y + other.y) / 2))
      apart = next
    } else if (view.scale > 1) {
      view.x += event.clientX - was.x
      view.y += event.clientY - was.y
      place(view)
    }
  })
  for (const name of /** @type {const} */ (["pointerup", "pointercancel"])) {
    desk.addEventListener(name, (event) => {
      const alone = fingers.size === 1
      if (!fingers.delete(event.pointerId) || !alone || name === "pointercancel") return
      const way = event.clientX - from.x
      if (view.scale === 1 && Math.abs(way) > SWIPE) return turn(view, view.at + (way > 0 ? -1 : 1))
      if (Math.abs(way) > 10) return
      if (event.timeStamp - tapped < TWICE_MS) zoom(view, view.scale > 1 ? 0 : 2.5, ...middle(event.clientX, event.clientY))
      tapped = event.timeStamp
    })
  }
}

/** @param {Map<number, { x: number, y: number }>} fingers */
function distance(fingers) {
  const [one, other] = [...fingers.values()]
  return one && other ? Math.hypot(one.x - other.x, one.y - other.y) : 0
}
