package io.scopegate.e2e.wire;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.scopegate.testkit.TestCa;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;

/** Thousands of connections to loopback in two threads, none of which ever blocks the others. */
public final class Wires implements AutoCloseable {
  private static final int THREADS = 2;
  private static final int CONNECT_MILLIS = 10_000;

  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(THREADS, NioIoHandler.newFactory());
  private final SslContext http1;
  private final SslContext http2;
  private final InetSocketAddress from;

  /** Connections that trust this authority, from the address that honest clients have, too. */
  public Wires(TestCa ca) {
    this(ca, InetAddress.getLoopbackAddress());
  }

  private Wires(TestCa ca, InetAddress from) {
    this.from = new InetSocketAddress(from, 0);
    http1 = tls(ca, "http/1.1");
    http2 = tls(ca, "h2");
  }

  /**
   * Connections from 127.0.0.2, so that the gateway can tell them from those of others; from the
   * usual address where the system has no other, as macOS.
   */
  public static Wires fromElsewhere(TestCa ca) {
    return new Wires(ca, elsewhere());
  }

  private static InetAddress elsewhere() {
    try {
      InetAddress other = InetAddress.getByAddress(new byte[] {127, 0, 0, 2});
      try (ServerSocket socket = new ServerSocket(0, 1, other)) {
        return socket.getInetAddress();
      }
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      return InetAddress.getLoopbackAddress();
    }
  }

  /** How a connection begins. */
  public enum Security {
    CLEAR,
    HTTP_1,
    HTTP_2
  }

  /**
   * Connects. Over TLS the handler is told so by {@link
   * io.netty.handler.ssl.SslHandshakeCompletionEvent}.
   *
   * @param receiveBuffer of the socket, in bytes; 0 for the system's
   */
  public ChannelFuture connect(
      int port, Security security, int receiveBuffer, ChannelInboundHandler handler) {
    Bootstrap bootstrap =
        new Bootstrap()
            .group(group)
            .channel(NioSocketChannel.class)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
            .option(ChannelOption.TCP_NODELAY, true)
            .handler(initializer(security, handler));
    if (receiveBuffer > 0) {
      bootstrap.option(ChannelOption.SO_RCVBUF, receiveBuffer);
    }
    return bootstrap.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), from);
  }

  private ChannelInitializer<Channel> initializer(
      Security security, ChannelInboundHandler handler) {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel channel) {
        if (security != Security.CLEAR) {
          SslContext tls = security == Security.HTTP_1 ? http1 : http2;
          channel.pipeline().addLast(tls.newHandler(channel.alloc(), "localhost", 0));
        }
        channel.pipeline().addLast(handler);
      }
    };
  }

  private static SslContext tls(TestCa ca, String protocol) {
    try {
      return SslContextBuilder.forClient()
          .trustManager(ca.certificate())
          .applicationProtocolConfig(
              new ApplicationProtocolConfig(
                  ApplicationProtocolConfig.Protocol.ALPN,
                  ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                  ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                  protocol))
          .build();
    } catch (SSLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
  }
}
