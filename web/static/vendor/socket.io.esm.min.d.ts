/** As much of socket.io-client's types as our pages use. */

export interface Manager {
  on(event: "reconnect" | "reconnect_attempt", listener: (attempt: number) => void): this
  on(event: "reconnect_error" | "error", listener: (error: Error) => void): this
  on(event: "reconnect_failed" | "ping", listener: () => void): this
  reconnection(enabled: boolean): this
  engine: { close(): void; transport: { name: string } }
}

export interface Socket {
  readonly id?: string
  readonly connected: boolean
  readonly active: boolean
  readonly recovered: boolean
  readonly io: Manager
  auth: Record<string, unknown> | ((give: (data: Record<string, unknown>) => void) => void)
  connect(): this
  disconnect(): this
  emit(event: string, ...args: any[]): this
  emitWithAck(event: string, ...args: any[]): Promise<any>
  timeout(milliseconds: number): Socket
  on(event: "connect", listener: () => void): this
  on(event: "connect_error", listener: (error: Error & { data?: any; description?: any }) => void): this
  on(event: "disconnect", listener: (reason: string, details?: unknown) => void): this
  on(event: string, listener: (...args: any[]) => void): this
  once(event: string, listener: (...args: any[]) => void): this
  off(event?: string, listener?: (...args: any[]) => void): this
  onAny(listener: (event: string, ...args: any[]) => void): this
  offAny(listener?: (event: string, ...args: any[]) => void): this
}

export interface Options {
  path?: string
  auth?: Socket["auth"]
  autoConnect?: boolean
  forceNew?: boolean
  multiplex?: boolean
  query?: Record<string, string>
  reconnection?: boolean
  reconnectionAttempts?: number
  reconnectionDelay?: number
  reconnectionDelayMax?: number
  randomizationFactor?: number
  timeout?: number
  ackTimeout?: number
  retries?: number
  transports?: ("websocket" | "polling" | "webtransport")[]
  upgrade?: boolean
  rememberUpgrade?: boolean
  tryAllTransports?: boolean
  withCredentials?: boolean
  closeOnBeforeunload?: boolean
}

export function io(options?: Options): Socket
export function io(address: string, options?: Options): Socket
export { io as connect, io as default }
