package io.scopegate.gateway.admin;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.vertx.core.http.HttpConnection;
import java.net.InetSocketAddress;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The connections of the ports for operators whose first head is not complete. Vert.x does not tell
 * of them, and each may hold a head of many fields, so there may be few: a new one replaces the
 * oldest. Who asks at once is young for a moment only. Stands in the server channels of the ports;
 * for any thread.
 */
@ChannelHandler.Sharable
final class YoungConnections extends ChannelInboundHandlerAdapter {
  /** Heads of the console may take two thirds of a MiB each while they come. */
  static final int MOST = 32;

  private final Map<Client, Channel> young = new LinkedHashMap<>();

  /** The other end of a connection, as Netty and Vert.x both know it. */
  private record Client(String address, int port) {}

  @Override
  public void channelRead(ChannelHandlerContext context, Object accepted) {
    if (accepted instanceof Channel connection
        && connection.remoteAddress() instanceof InetSocketAddress remote
        && remote.getAddress() != null) {
      opened(new Client(remote.getAddress().getHostAddress(), remote.getPort()), connection);
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

  private Channel removeOldest() {
    Iterator<Channel> all = young.values().iterator();
    Channel oldest = all.next();
    all.remove();
    return oldest;
  }

  private synchronized void grown(Client client, @Nullable Channel connection) {
    if (connection == null || Objects.equals(young.get(client), connection)) {
      young.remove(client);
    }
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
