package io.scopegate.gateway.listen;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol.AddressFamily;
import io.netty.util.NetUtil;
import io.netty.util.ReferenceCountUtil;
import io.scopegate.gateway.telemetry.ListenerMeters;
import java.net.InetSocketAddress;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Takes the header of the PROXY protocol that a load balancer puts before a connection, behind
 * Netty's decoder of it.
 */
final class ProxyHeader extends ChannelInboundHandlerAdapter {
  /** Room for addresses and what load balancers add to them (a TLS name, an endpoint's id). */
  private static final int MOST_TLV_BYTES = 4 << 10;

  private static final int VERSION_1 = 0x50524f58; // PROX, which begins no method
  private static final int VERSION_2 = 0x0d0a0d0a;

  private final ServerPort port;
  private final long timeoutMillis;
  private final Consumer<@Nullable InetSocketAddress> taker;
  private @Nullable ScheduledFuture<?> timer;
  private boolean done;

  /**
   * Reads one header.
   *
   * @param timeoutMillis how long it may take; 0 for no limit
   * @param taker gets the client's address, or null when the header has none, on the event loop
   */
  ProxyHeader(ServerPort port, long timeoutMillis, Consumer<@Nullable InetSocketAddress> taker) {
    this.port = port;
    this.timeoutMillis = timeoutMillis;
    this.taker = taker;
  }

  /** What decodes it; comes before this. */
  static HAProxyMessageDecoder decoder() {
    return new HAProxyMessageDecoder(MOST_TLV_BYTES);
  }

  /** Whether these bytes, four at least, begin a header. */
  static boolean begins(ByteBuf in) {
    int first = in.getInt(in.readerIndex());
    return first == VERSION_1 || first == VERSION_2;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext c) {
    if (timeoutMillis > 0) {
      timer = c.executor().schedule(() -> tooSlow(c), timeoutMillis, TimeUnit.MILLISECONDS);
    }
  }

  private void tooSlow(ChannelHandlerContext c) {
    port.meters().connectionFailed(ListenerMeters.Failure.TIMEOUT);
    c.close();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext c) {
    if (timer != null) {
      timer.cancel(false);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext c, Object message) {
    if (!(message instanceof HAProxyMessage header)) {
      ReferenceCountUtil.release(message); // after a header that was refused
      return;
    }
    InetSocketAddress client = client(header);
    header.release();
    done = true;
    taker.accept(client);
    c.pipeline().remove(this); // what follows goes to whom the taker has added
  }

  /** Null for a health check of the load balancer's own, and for what has no IP address. */
  private static @Nullable InetSocketAddress client(HAProxyMessage header) {
    AddressFamily family = header.proxiedProtocol().addressFamily();
    boolean isIp = family == AddressFamily.AF_IPv4 || family == AddressFamily.AF_IPv6;
    String address = header.sourceAddress();
    if (header.command() == HAProxyCommand.LOCAL || !isIp || address == null) {
      return null;
    }
    return new InetSocketAddress(
        NetUtil.createInetAddressFromIpAddressString(address), header.sourcePort());
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext c, Throwable t) {
    if (!done) {
      done = true;
      port.meters().connectionFailed(ListenerMeters.Failure.PROTOCOL);
      port.warnOfProxyHeader(c.channel(), "sends no PROXY header, or a malformed one");
    }
    c.close();
  }
}
