package io.scopegate.gateway.admin;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.vertx.core.http.HttpConnection;
import java.net.InetSocketAddress;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The connections of the ports for operators whose first head is not complete. Vert.x does not tell
 * of them, and each may hold a head of many fields, so there may be few: a new one replaces the
 * oldest, and after ten seconds it is closed. Who asks at once is young for a moment only. Stands
 * in the server channels of the ports; for any thread.
 */
@ChannelHandler.Sharable
final class YoungConnections extends ChannelInboundHandlerAdapter {
  /** Heads of the console may take two thirds of a MiB each while they come. */
  static final int MOST = 32;

  /** How long a first head may take. */
  static final int PATIENCE_SECONDS = 10;

  private final Map<Client, Channel> young = new LinkedHashMap<>();

  /** The other end of a connection, as Netty and Vert.x both know it. */
  private record Client(String address, int port) {}

  @Override
  public void channelRead(ChannelHandlerContext context, Object accepted) {
    if (accepted instanceof Channel connection
        && connection.remoteAddress() instanceof InetSocketAddress remote
        && remote.getAddress() != null) {
      Client client = new Client(remote.getAddress().getHostAddress(), remote.getPort());
      opened(client, connection);
      expire(client, connection, context.executor());
    }
    context.fireChannelRead(accepted);
  }

  private void opened(Client client, Channel connection) {
    connection.closeFuture().addListener(closed -> grown(client, connection));
    Channel leaving;
    synchronized (this) {
      young.put(client, connection);
      leaving = young.size() > MOST ? removeOldest() : null;
    }
    if (leaving != null) {
      leaving.close();
    }
  }

  /** The console's read timeout is long, because an answer may be, and a single byte extends it. */
  private void expire(Client client, Channel connection, EventExecutor executor) {
    Future<?> late =
        executor.schedule(
            () -> {
              if (grown(client, connection)) {
                connection.close();
              }
            },
            PATIENCE_SECONDS,
            TimeUnit.SECONDS);
    connection.closeFuture().addListener(closed -> late.cancel(false));
  }

  private Channel removeOldest() {
    Iterator<Channel> all = young.values().iterator();
    Channel oldest = all.next();
    all.remove();
    return oldest;
  }

  /** Whether it was young. */
  private synchronized boolean grown(Client client, @Nullable Channel connection) {
    return (connection == null || Objects.equals(young.get(client), connection))
        && young.remove(client) != null;
  }

  /** Its first head, or its preface, has come: it is counted elsewhere from now on. */
  void grown(HttpConnection connection) {
    String address = connection.remoteAddress().hostAddress();
    if (address != null) {
      grown(new Client(address, connection.remoteAddress().port()), null);
    }
  }

  /** How many there are. */
  synchronized int count() {
    return young.size();
  }
}
