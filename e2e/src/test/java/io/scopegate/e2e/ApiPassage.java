package io.scopegate.e2e;

import io.scopegate.testkit.Await;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A way to the API server that can be closed, for one gateway, while all others go on. */
final class ApiPassage implements AutoCloseable {
  private final int port = FreePorts.next();
  private final int apiPort;
  private final Vertx vertx = Vertx.vertx();
  private final NetClient client = vertx.createNetClient();
  private final Set<NetSocket> open = ConcurrentHashMap.newKeySet();
  private NetServer server;

  ApiPassage(int apiPort) {
    this.apiPort = apiPort;
    server = listen();
  }

  int port() {
    return port;
  }

  /** The API server is down: connections end, and new ones are refused. */
  void cut() {
    Await.result(server.close());
    open.forEach(NetSocket::close);
  }

  /** It is back. */
  void restore() {
    server = listen();
  }

  private NetServer listen() {
    return Await.result(
        vertx.createNetServer().connectHandler(this::through).listen(port, "127.0.0.1"));
  }

  private void through(NetSocket from) {
    from.pause();
    open.add(from);
    from.closeHandler(closed -> open.remove(from));
    client
        .connect(apiPort, "127.0.0.1")
        .onSuccess(to -> {
          from.pipeTo(to);
          to.pipeTo(from);
        })
        .onFailure(refused -> from.close());
  }

  @Override
  public void close() {
    Await.result(vertx.close());
  }
}
