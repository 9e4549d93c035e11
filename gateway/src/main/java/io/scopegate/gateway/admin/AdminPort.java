package io.scopegate.gateway.admin;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpServerKeepAliveHandler;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.scopegate.config.HostPort;
import io.scopegate.gateway.forward.Transport;
import io.scopegate.gateway.http.FieldLimit;
import io.scopegate.gateway.listen.OpenConnections;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A port for operators, over HTTP/1.1 and clear-text HTTP/2. Nobody has to show a token here, so
 * everything is small and bounded: heads, bodies, streams and connections. A full port closes what
 * has asked nothing so far, then what is idle, so that a flood does not keep the kubelet out. Over
 * HTTP/1.1 the next request is read when the answer to the last one is written.
 */
final class AdminPort {
  private static final int PREFACE = 0x50524920; // "PRI "

  /** What one read brings is what may be pipelined. */
  private static final int READ_BYTES = 2 * 1024;

  private static final int MOST_QUEUED_CONTROL_FRAMES = 100;

  private final Vertx vertx;
  private final Bounds bounds;
  private final Consumer<AdminRequest> handler;
  private final Transport transport;
  private final OpenConnections connections = new OpenConnections(Channel::close, 0);
  private @Nullable Channel server;

  /**
   * What clients may use.
   *
   * @param connections at a time
   * @param streams of one HTTP/2 connection at a time
   * @param lineBytes of a request line
   * @param headBytes of a request's fields together; they are {@link FieldLimit#MOST_FIELDS} at
   *     most
   * @param bodyBytes of a request's body
   * @param patience how long a request may take to come, and an answer to be read
   */
  record Bounds(
      int connections,
      int streams,
      int lineBytes,
      int headBytes,
      int bodyBytes,
      Duration patience) {}

  /**
   * A port that is not open yet.
   *
   * @param handler answers every request; called on the connection's event loop
   */
  AdminPort(Vertx vertx, Bounds bounds, Consumer<AdminRequest> handler) {
    this.vertx = vertx;
    this.bounds = bounds;
    this.handler = handler;
    this.transport = new Transport(vertx.isNativeTransportEnabled());
  }

  /**
   * Opens the port.
   *
   * @return completes with the port when it is open; fails when it cannot be bound
   */
  Future<Integer> listen(HostPort address) {
    ServerBootstrap bootstrap =
        transport
            .server(((VertxInternal) vertx).nettyEventLoopGroup())
            .childOption(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(READ_BYTES))
            .childHandler(new Accepting());
    Promise<Integer> opened = Promise.promise();
    bootstrap
        .bind(new InetSocketAddress(address.host(), address.port()))
        .addListener((ChannelFuture bound) -> {
          if (bound.isSuccess()) {
            server = bound.channel();
            opened.complete(((InetSocketAddress) bound.channel().localAddress()).getPort());
          } else {
            opened.fail(bound.cause());
          }
        });
    return opened.future();
  }

  /**
   * Closes the port and its connections.
   *
   * @return completes when it is closed
   */
  Future<Void> close() {
    transport.close();
    Channel open = server;
    connections.channels().forEach(Channel::close);
    if (open == null) {
      return Future.succeededFuture();
    }
    Promise<Void> closed = Promise.promise();
    open.close().addListener(done -> closed.complete());
    return closed.future();
  }

  private final class Accepting extends ChannelInitializer<Channel> {
    @Override
    protected void initChannel(Channel c) {
      OpenConnections.Member connection = connections.of(c);
      if (connections.add(connection, bounds.connections(), 0) != null) {
        c.close();
        return;
      }
      AdminPatience patience = new AdminPatience(connection.standing(), bounds.patience());
      c.pipeline().addLast(patience, new Detector(patience));
    }
  }

  /** Tells HTTP/2 from HTTP/1.1 by the first bytes. */
  private final class Detector extends ByteToMessageDecoder {
    private final AdminPatience patience;

    Detector(AdminPatience patience) {
      this.patience = patience;
    }

    @Override
    protected void decode(ChannelHandlerContext c, ByteBuf in, List<Object> out) {
      int at = in.readerIndex();
      if (in.getByte(at) == 'P' && in.readableBytes() < Integer.BYTES) {
        return; // POST, PUT, PATCH or PRI
      }
      ChannelPipeline p = c.pipeline();
      if (in.readableBytes() >= Integer.BYTES && in.getInt(at) == PREFACE) {
        speakHttp2(p, patience);
      } else {
        speakHttp1(p, patience);
      }
      p.remove(this); // hands what it holds to the next one
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext c, Throwable t) {
      c.close(); // reset before it said anything
    }
  }

  private void speakHttp1(ChannelPipeline p, AdminPatience patience) {
    HttpDecoderConfig config =
        new HttpDecoderConfig()
            .setMaxInitialLineLength(bounds.lineBytes())
            .setMaxHeaderSize(bounds.headBytes())
            .setHeadersFactory(FieldLimit.HTTP1)
            .setTrailersFactory(FieldLimit.HTTP1)
            .setInitialBufferSize(256);
    p.channel().config().setAutoRead(false);
    p.addLast(
        new HttpServerCodec(config),
        new HttpServerKeepAliveHandler(),
        new HttpObjectAggregator(bounds.bodyBytes()),
        new AdminHttp(handler, patience, false));
    patience.watchHeads();
  }

  private void speakHttp2(ChannelPipeline p, AdminPatience patience) {
    Http2FrameCodec codec =
        Http2FrameCodecBuilder.forServer()
            .initialSettings(
                new Http2Settings()
                    .maxConcurrentStreams(bounds.streams())
                    .maxHeaderListSize(bounds.headBytes()))
            .encoderEnforceMaxQueuedControlFrames(MOST_QUEUED_CONTROL_FRAMES)
            .build();
    patience.watchStreams(codec.connection());
    p.addLast(
        codec,
        new Http2MultiplexHandler(
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(Channel stream) {
                stream
                    .pipeline()
                    .addLast(
                        new Http2StreamFrameToHttpObjectCodec(true),
                        new HttpObjectAggregator(bounds.bodyBytes()),
                        new AdminHttp(handler, patience, true));
              }
            }));
  }
}
