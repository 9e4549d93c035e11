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
import java.net.InetAddress;
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

  /** Connections that trust this authority. */
  public Wires(TestCa ca) {
    http1 = tls(ca, "http/1.1");
    http2 = tls(ca, "h2");
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
    return bootstrap.connect(InetAddress.getLoopbackAddress(), port);
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
