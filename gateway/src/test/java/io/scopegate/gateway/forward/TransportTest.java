package io.scopegate.gateway.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.scopegate.testkit.Await;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The end of connections to upstreams. */
class TransportTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final MultiThreadIoEventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final Transport transport = new Transport(false);
  private ServerSocket server;

  @BeforeEach
  void open() throws IOException {
    server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
  }

  @AfterEach
  void close() throws IOException {
    transport.close();
    loops.shutdownGracefully().syncUninterruptibly();
    server.close();
  }

  private ChannelFuture connect() {
    return connect(new ChannelInboundHandlerAdapter());
  }

  private ChannelFuture connect(ChannelHandler handler) {
    EventLoop loop = loops.next();
    return transport.connect(loop, server.getLocalSocketAddress(), TIMEOUT, handler);
  }

  @Test
  void closesTheConnectionsThatAreOpen() {
    Channel open = connect().syncUninterruptibly().channel();

    Await.result(transport.closeConnections());

    assertThat(open.isOpen()).isFalse();
  }

  @Test
  void doesNotWaitForOneThatDoesNotClose() {
    ChannelOutboundHandlerAdapter never =
        new ChannelOutboundHandlerAdapter() {
          @Override
          public void close(ChannelHandlerContext context, ChannelPromise promise) {
            // it has streams that do not end
          }
        };
    Channel open = connect(never).syncUninterruptibly().channel();

    Await.result(transport.closeConnections());

    assertThat(open.isOpen()).isTrue();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    assertThat(open.isOpen()).isFalse();
  }

  @Test
  void closesThoseThatAreMadeWhileItEnds() {
    Await.result(transport.closeConnections());

    Channel late = connect().awaitUninterruptibly().channel();

    assertThat(late.closeFuture().awaitUninterruptibly(TIMEOUT.toMillis())).isTrue();
  }
}
