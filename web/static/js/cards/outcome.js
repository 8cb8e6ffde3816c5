/** The agreement from its first version to the outcome, and how a mediation ends. */
/** @import { Entry } from "../types" */
/** @import { Drawing } from "../cards.js" */
import { add } from "../cards.js"
import { everybody, facts, me, nameOf } from "../facts.js"
import { card as fileCard, fingerprint } from "../files.js"
import { icon, make } from "../page.js"
import { money, plainDay } from "../times.js"
import { _, gap } from "../words.js"

add({
  agreement_proposed: proposed,
  agreement_frozen: frozen,
  agreement_thawed: ({ body }) => ({ icon: "pen", title: _("Version %(n)s can be changed again", { n: body.version ?? "" }), tone: "flat", text: _("The signatures under it no longer count.") }),
  agreement_signed: ({ body, actor }) => ({
    icon: "pen", title: _("%(name)s signed version %(n)s", { name: nameOf(body.person ?? actor), n: body.version ?? "" }), tone: "sealed",
    text: body.signer && body.signer !== body.person ? _("%(by)s did so for %(name)s.", { by: nameOf(body.signer), name: nameOf(body.person) }) : undefined,
  }),
  signing_refused: ({ body, actor }) => ({ icon: "info", title: _("%(name)s will not sign version %(n)s", { name: nameOf(body.person ?? actor), n: body.version ?? "" }), tone: "flat" }),
  agreement_effective: ({ body }) => ({
    icon: "seal", title: _("The agreement is in force"), tone: "sealed", text: _("Everybody has signed version %(n)s.", { n: body.version ?? "" }),
    links: [[version(body), _("Read the agreement")]],
  }),
  case_settled: settled,
  case_ended: ({ body }) => ({ icon: "door", title: _("The mediation has ended"), tone: "sealed", text: [ending(body.reason ?? ""), body.note].filter(Boolean).join("\n") }),
  certificate_issued: ({ body }) => ({
    icon: "seal", title: _("The certificate is ready"), tone: "sealed",
    nodes: body.document ? [fileCard(body.document), fingerprint(body.document.sha256)] : [],
    links: [[`/cases/${facts().case.id}/certificate`, _("Open the certificate")]],
  }),
})

/** @type {Drawing} */
function proposed({ actor, body }) {
  const n = Number(body.version ?? 1)
  const links = [[version(body), _("Read")]]
  if (n > 1) links.push([`/agreements/${body.agreement}/comparison?from=${n - 1}&to=${n}`, _("What changed?")])
  return {
    icon: "document", title: _("Agreement, version %(n)s", { n }), text: [_("%(name)s proposes it.", { name: nameOf(body.by ?? actor) }), body.summary].filter(Boolean).join(gap),
    tone: "next", links: /** @type {[string, string][]} */ (links),
  }
}

/** @type {Drawing} */
function frozen(entry, all) {
  const { body } = entry
  const later = all.filter((one) => one.seq > entry.seq && one.body.agreement === body.agreement)
  const over = later.some((one) => ["agreement_thawed", "agreement_effective", "agreement_frozen", "signing_refused"].includes(one.kind))
  const mine = later.some((one) => one.kind === "agreement_signed" && [one.body.person, one.body.signer, one.actor].includes(facts().me))
  const own = me()
  const signer = own?.side !== "bench" && (own?.standing !== "agent" || own.authority === "special")
  /** @type {[string, string, string?][]} */
  const links = [[version(body), _("Read")]]
  if (signer && !over && !mine) links.unshift([`/agreements/${body.agreement}/signature`, _("Sign version %(n)s", { n: body.version ?? "" }), "button--seal"])
  return {
    icon: "lock", title: _("Version %(n)s is fixed and can be signed", { n: body.version ?? "" }), tone: "next",
    text: _("Nobody can change this text now. It counts when everybody has signed it."), nodes: over ? [] : [signatures(later)], links,
  }
}

/** Who has signed and who has not, by name. @param {Entry[]} later what came after the text was fixed */
function signatures(later) {
  const list = make("ul", "stream__signers")
  const signed = later.filter((one) => one.kind === "agreement_signed").map((one) => one.body.person ?? one.actor)
  for (const one of everybody().filter(({ standing }) => standing === "claimant" || standing === "respondent")) {
    const done = signed.includes(one.id)
    const item = make("li", "", done ? _("%(name)s has signed", { name: one.name }) : _("%(name)s has not signed yet", { name: one.name }))
    item.dataset.signed = String(done)
    item.prepend(icon(done ? "check" : "clock"))
    list.append(item)
  }
  return list
}

/** @type {Drawing} */
function settled({ body }) {
  const sums = Object.entries(body.amounts ?? {}).map(([currency, minor]) => money(minor, currency))
  const due = body.due_dates ?? []
  const days = due.length ? [[due[0], due.at(-1)].filter((one, n, all) => one && all.indexOf(one) === n).map((one) => plainDay(one ?? "")).join(" – ")] : []
  return {
    icon: "seal", title: _("The case is settled"), tone: "sealed", text: _("What was agreed is recorded as the outcome. The certificate follows in a moment."),
    links: [[`/cases/${facts().case.id}`, _("See the outcome")]],
    nodes: [make("p", "stream__sum", [...sums, ...days].join(" · "))],
  }
}

/** @param {Entry["body"]} body */
function version(body) {
  return `/agreements/${body.agreement}/versions/${body.version}`
}

/** Why a mediation ended, in the words of the rule pack, which came with the page. @param {string} code */
function ending(code) {
  const words = document.getElementById("endings")
  const found = words instanceof HTMLTemplateElement ? words.content.querySelector(`[data-code="${CSS.escape(code)}"]`) : null
  return found?.textContent ?? code
}
