/** What the server says, as PROTOCOL.md writes it. Read by the type checker only; no browser fetches this file. */

export type Side = "claimant" | "respondent" | "bench"
export type Standing = "claimant" | "respondent" | "agent" | "mediator" | "judge" | "clerk"

export interface Person {
  id: string
  name: string
  standing: Standing
  side: Side
  online: boolean
  /** Of an agent: only with special authority may they sign. */
  authority?: "general" | "special" | null
}

export interface Channel {
  id: string
  kind: "record" | "talks" | "private" | "caucus"
  name: string
  side?: Side | null
  last_seq: number
  read_seq: number
  may_speak: boolean
  /** The rule of the house for which one may only read, as a refusal names it. */
  shut?: string
  open: boolean
  people: string[]
  reads: Record<string, number>
  /** Up to which seq it has reached a device of theirs. */
  deliveries: Record<string, number>
  caucus?: CaucusFacts
}

/** How a private talk stands, as those who are in it see it. */
export interface CaucusFacts {
  form: "caucus" | "alone" | "bench"
  by: string
  begun: boolean
  locked: boolean
  ends_at: string | null
  inside: string[]
  called: string[]
  guests: string[]
}

/** A private talk into which one may come: it rings until a time, or stands open. */
export interface Call {
  channel: string
  by: string
  form: CaucusFacts["form"]
  until: string | null
}

export interface Hearing {
  id: string
  state: "scheduled" | "lobby" | "in_session" | "closed" | "cancelled"
  starts_at: string
  title: string
}

export interface Tape {
  id: string
  state: "consent_pending" | "on" | "paused" | "failed"
  basis: "consent" | "order"
  by: string
  since: string | null
  answers: Record<string, "given" | "refused" | "withdrawn">
}

/** The rules of the house; a time is empty where there is no end. */
export interface House {
  frozen: boolean
  pause: { until: string; by: string } | null
  pauses_left: number
  slow: number
  stage: string
  writers: string[] | null
  silenced: Record<string, string>
  out: string[]
  /** The sides do not meet. */
  apart: boolean
}

export interface Concern {
  id: string
  kind: "unsafe" | "report"
  by: string
  about: string | null
  channel: string | null
  seq: number | null
  reason: string
  at: string
  state: "open" | "taken" | "closed"
  handled_by: string | null
  result: string
}

export interface RoomFacts {
  room: string
  me: string
  title: string
  state: "preparing" | "open" | "frozen" | "sealed"
  case: { id: string; number: string; state: string }
  hearing: Hearing | null
  recording: Tape | null
  house: House
  people: Person[]
  channels: Channel[]
  hands: string[]
  calls: Call[]
  may: string[]
}

export interface Voice {
  ms: number
  levels: number[]
}

export interface Clip {
  ms: number
  width: number
  height: number
}

/** Degrees as text with five digits, as the record keeps them; as numbers while it is being sent. */
export interface Location {
  latitude: string | number
  longitude: string | number
  accuracy: number
  name: string
}

export interface StoredFile {
  id: string
  name: string
  type: string
  size: number
  sha256: string
  title?: string
  width?: number | null
  height?: number | null
  voice?: Voice
  clip?: Clip
  album?: { id: string; place: number }
}

export interface Body {
  text?: string
  location?: Location
  reply_to?: number | null
  mentions?: string[]
  file?: StoredFile | null
  /** Of what was opened by order: the channel it was said in, and there its `seq`. */
  channel?: string
  order?: string
  message?: number
  document?: StoredFile
  seq?: number
  /** Of what was erased: which entries, under which rule, and what that was called. */
  seqs?: number[]
  rule?: string
  why?: Erased["why"]
  answer?: "granted" | "refused"
  name?: Erased["name"]
  person?: string
  people?: string[] | { name: string }[]
  by?: string
  source?: string
  reason?: string
  lock?: boolean
  block?: boolean
  code?: string
  note?: string
  summary?: string
  title?: string
  version?: number | string
  agreement?: string
  digest?: string
  hearing?: string
  starts_at?: string
  ends_at?: string
  caucus?: string
  form?: CaucusFacts["form"]
  side?: Side
  tag?: "keep" | "may_tell" | "tell_now"
  to?: string
  to_kind?: Channel["kind"]
  to_side?: Side | null
  identity_level?: string | number
  language?: string
  signer?: string
  outcome?: string
  amounts?: Record<string, number>
  due_dates?: string[]
  seconds?: number
  minutes?: number
  until?: string
  stage?: string
  writers?: string[]
  basis?: string
  code?: string
}

export interface Entry {
  channel: string
  seq: number
  id: string
  kind: string
  actor: string | null
  at: string
  body: Body
  client_id?: string | null
  hash: string
  erased?: Erased
}

/** Why a content is gone, and which entry of its channel says so. */
export interface Erased {
  by: number
  at: string
  rule: string
  why: "period" | "request"
  name: { zh: string, en: string }
}

export interface Receipt {
  seq: number
  id: string
  hash: string
}

export type Source = "mic" | "camera" | "screen" | "screen_sound"
export type Kind = "audio" | "video"

export interface ProducerFacts {
  id: string
  person: string
  kind: Kind
  source: Source
  paused: boolean
}

export type Quality = "good" | "fair" | "poor" | "lost"
export type Share = "no" | "asked" | "yes"

export interface StagePerson {
  person: string
  hand: boolean
  muted: Source[]
  locked?: Source[]
  share?: Share
  spotlight?: boolean
  quality?: Quality
}

export interface OrderFacts {
  room: string
  person: string
  muted: Source[]
  locked: Source[]
  share: Share
  spotlight: boolean
}

export interface StageAnswer {
  seat: string
  resumed: boolean
  state: "waiting" | "on" | "check"
  place: string | null
  rtpCapabilities: object
  iceServers: RTCIceServer[]
  producers: ProducerFacts[]
  people: StagePerson[]
  transports: { id: string; direction: "send" | "recv" }[]
  own_producers: { id: string; kind: Kind; source: Source; paused: boolean }[]
  consumers: { id: string; producerId: string; kind: Kind; paused: boolean }[]
  hand: boolean
  muted: Source[]
  locked?: Source[]
  share?: Share
  spotlight?: boolean
  why?: string
  waiting: string[]
}

export interface StageChange {
  room: string
  person: string
  state: "waiting" | "on" | "away" | "gone"
  place?: string | null
  producers?: ProducerFacts[]
  people?: StagePerson[]
  muted?: Source[]
  locked?: Source[]
  share?: Share
  spotlight?: boolean
  waiting?: string[]
  why?: string
}

/** The figures are there for oneself and for who leads. */
export interface NetworkFacts {
  room: string
  person: string
  quality: Quality
  why?: "loss_up" | "loss_down" | "delay" | "narrow" | "lost" | ""
  rtt_ms?: number
  loss_up?: number
  loss_down?: number
  kbit_up?: number
  kbit_down?: number
  layer?: number | null
}
