import net from 'node:net';

/** Stands between a client and a server, and keeps what each read of the client's side brought. */
export class WireTap {
  readonly reads: string[] = [];
  readonly #server: net.Server;
  readonly #sockets = new Set<net.Socket>();

  constructor(serverPort: number) {
    this.#server = net.createServer((client) => {
      const server = net.connect(serverPort, '127.0.0.1');
      for (const socket of [client, server]) {
        this.#sockets.add(socket);
        // the other side learns of it by the end of its own connection
        socket
          .on('error', () => {})
          .on('close', () => {
            this.#sockets.delete(socket);
            client.destroy();
            server.destroy();
          });
      }
      client.on('data', (octets: Buffer) => this.reads.push(octets.toString('utf8')));
      client.pipe(server).pipe(client);
    });
  }

  /** Answers the port to connect to. */
  async listen(): Promise<number> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, '127.0.0.1', resolve);
    });
    return (this.#server.address() as net.AddressInfo).port;
  }

  /** The commands that begin with this verb, since the beginning. */
  commands(verb: string): string[] {
    return this.reads
      .flatMap((read) => read.split('\r\n'))
      .filter((line) => line.startsWith(`${verb} `) || line === verb);
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }
}
