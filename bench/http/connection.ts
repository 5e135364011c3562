// One kept connection that asks a question at a time: as little work for each as Node allows, so that whoever loads a
// server does not become what is measured.
import { connect, type Socket } from 'node:net'

export class Connection {
  readonly #socket: Socket
  readonly #onAnswer: (status: number) => void

  /** `onAnswer` is told 0 when the connection was lost. */
  constructor(port: number, onAnswer: (status: number) => void, onReady: () => void) {
    this.#onAnswer = onAnswer
    const buffer = Buffer.alloc(16 * 1024)
    this.#socket = connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: { buffer, callback: (bytes) => this.#read(bytes, buffer) },
    })
    this.#socket.once('connect', onReady)
    this.#socket.once('error', () => onAnswer(0))
  }

  send(request: string): void {
    this.#socket.write(request, 'latin1')
  }

  close(): void {
    this.#socket.destroy()
  }

  /** Answers are far smaller than one segment of the loopback, so each arrives whole: `HTTP/1.1 200 ...}`. */
  #read(bytes: number, buffer: Buffer): boolean {
    const whole = buffer[bytes - 1] === 0x7d // the brace that ends the body
    const digit = (at: number) => buffer[at]! - 0x30
    this.#onAnswer(whole ? digit(9) * 100 + digit(10) * 10 + digit(11) : 0)
    return true
  }
}
