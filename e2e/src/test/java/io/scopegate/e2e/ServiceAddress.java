package io.scopegate.e2e;

import io.scopegate.testkit.Await;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One address whose connections lead to this server or that, in turns, as a Service's do to its
 * Pods. Open connections stay where they are.
 */
final class ServiceAddress implements AutoCloseable {
  private final int port = FreePorts.next();
  private final Vertx vertx = Vertx.vertx();
  private final NetClient client = vertx.createNetClient();
  private final AtomicInteger connections = new AtomicInteger();
  private volatile List<Integer> targets = List.of();

  ServiceAddress() {
    Await.result(vertx.createNetServer().connectHandler(this::through).listen(port, "127.0.0.1"));
  }

  int port() {
    return port;
  }

  /** New connections lead to these ports from now on. */
  void leadsTo(Integer... ports) {
    targets = List.of(ports);
  }

  private void through(NetSocket from) {
    from.pause();
    List<Integer> ports = targets;
    client
        .connect(ports.get(connections.getAndIncrement() % ports.size()), "127.0.0.1")
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
