/** A small picker of emoji, in groups, by touch and by keys. They are characters of the device: nothing is loaded. */
import { insert } from "../composer.js"
import { make, part } from "../page.js"
import { _ } from "../words.js"

/** @type {[string, string][]} */
const GROUPS = [
  [_("Faces"), "😀😃😄😁😊🙂😉😌😍😘😅😂🤣🥲☺️😇🤗🤔🤨😐😶🙄😏😣😥😮😯😪😫😴😓😔😕😲😞😟😢😭😦😧😨😩😬😰😳😡😠😷🤒🤕🥺"],
  [_("Hands and people"), "👍👎👌✌️🤝👏🙌🙏💪👋🤚✋🖐️👆👇👈👉☝️🤞🤟✍️👀👂🧠👤👥👨‍👩‍👧👩‍⚖️👨‍⚖️👩‍💼👨‍💼👵👴🧒👶🚶🏃"],
  [_("Signs"), "✅❌❓❗⚠️⛔🚫⭕💯🔴🟢🔵⬆️⬇️➡️⬅️🔄🔒🔓🔔🔕⏰⏳📌📍🆗🆕🔑⚖️❤️💔💚💙🌹🎉🎂🎁⭐🌟🔥"],
  [_("Things"), "📄📃📑📎📁📅📆✏️🖊️📝💼💰💵💴💳🧾📞📱💻📷🎥🎤📧✉️📦🏠🏢🏦🏥🏫⚒️🔧🚗🚌🚲✈️🚄🍚☕🍵💊"],
]

/** @type {HTMLElement | null} */
let sheet = null

/** @param {HTMLElement} composer */
export function open(composer) {
  if (sheet?.matches(":popover-open")) return sheet.hidePopover()
  sheet ??= build(composer)
  sheet.showPopover()
  sheet.querySelector("button")?.focus()
}

/** @param {HTMLElement} composer */
function build(composer) {
  const made = make("div", "menu emoji")
  made.popover = "auto"
  made.setAttribute("role", "dialog")
  made.setAttribute("aria-label", _("Emoji"))
  for (const [words, characters] of GROUPS) {
    const grid = make("div", "emoji__group")
    grid.setAttribute("role", "group")
    grid.setAttribute("aria-label", words)
    grid.append(...split(characters).map((one) => {
      const button = make("button", "emoji__one", one)
      button.type = "button"
      button.tabIndex = -1
      button.addEventListener("click", () => { made.hidePopover(); insert(one) })
      return button
    }))
    grid.querySelector("button")?.setAttribute("tabindex", "0")
    made.append(make("p", "emoji__words", words), grid)
  }
  made.addEventListener("keydown", (event) => step(made, event))
  made.addEventListener("toggle", (event) => {
    if (/** @type {ToggleEvent} */ (event).newState === "closed" && document.activeElement === document.body) part(composer, "text").focus()
  })
  part(composer, "form").append(made)
  return made
}

/** @param {string} characters */
function split(characters) {
  return [...new Intl.Segmenter("en", { granularity: "grapheme" }).segment(characters)].map((one) => one.segment)
}

/** @param {HTMLElement} made @param {KeyboardEvent} event */
function step(made, event) {
  const all = /** @type {HTMLElement[]} */ ([...made.querySelectorAll("button")])
  const here = all.findIndex((one) => one === document.activeElement)
  const [top, second] = [all[here], all.find((one) => one.offsetTop > (all[0]?.offsetTop ?? 0))]
  const row = second ? all.indexOf(second) : all.length
  const to = { ArrowRight: here + 1, ArrowLeft: here - 1, ArrowDown: here + row, ArrowUp: here - row, Home: 0, End: all.length - 1 }[event.key]
  if (to === undefined || !top) return
  event.preventDefault()
  all[Math.max(0, Math.min(to, all.length - 1))]?.focus()
}
