package io.scopegate.gateway.http;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.AbstractHttp2ConnectionHandlerBuilder;
import io.netty.handler.codec.http2.DecoratingHttp2ConnectionEncoder;
import io.netty.handler.codec.http2.DefaultHttp2Connection;
import io.netty.handler.codec.http2.DefaultHttp2ConnectionDecoder;
import io.netty.handler.codec.http2.DefaultHttp2ConnectionEncoder;
import io.netty.handler.codec.http2.DefaultHttp2FrameReader;
import io.netty.handler.codec.http2.DefaultHttp2RemoteFlowController;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2FrameReader;
import io.netty.handler.codec.http2.Http2PromisedRequestVerifier;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.UniformStreamByteDistributor;
import io.scopegate.gateway.exchange.ConnectionStanding;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The parts of an HTTP/2 connection, put together by hand where Netty's builder leaves a hole:
 * header values are checked (they may become HTTP/1.1 lines), missing pseudo-headers are refused,
 * heads are written as one buffer, whole frames are distributed instead of 1 KiB pieces, and a peer
 * that makes us queue answers which it never reads is closed.
 *
 * @param early where calls can be refused before they are streams; null towards upstreams
 * @param heads tells of heads that were begun and not ended; null towards upstreams
 */
record Http2Parts(
    Http2ConnectionDecoder decoder,
    Http2ConnectionEncoder encoder,
    Http2Settings settings,
    @Nullable EarlyRefusalReader early,
    @Nullable HeadProgressReader heads) {

  private static final int MAX_EMPTY_DATA_FRAMES = 2;

  /** Answers that come again: their heads and trailers, good ones and refusals. */
  private static final int CLIENT_HEADS = 4;

  /** Requests that come again, of several clients. */
  private static final int UPSTREAM_HEADS = 8;

  /**
   * Builds a handler.
   *
   * @param client how the client's connection stands; null towards upstreams
   */
  static <T extends AbstractHttp2Connection> T build(
      @Nullable ConnectionStanding client, CodecSettings limits, Function<Http2Parts, T> make) {
    Http2Connection connection = new DefaultHttp2Connection(client != null);
    // set before the encoder is made, which picks it up
    connection
        .remote()
        .flowController(
            new DefaultHttp2RemoteFlowController(
                connection, new UniformStreamByteDistributor(connection)));
    Http2ConnectionEncoder encoder =
        new ControlFrameLimit(
            new DefaultHttp2ConnectionEncoder(
                connection, HeadWriter.create(client != null ? CLIENT_HEADS : UPSTREAM_HEADS)));
    return client != null
        ? serve(connection, client, encoder, limits, make)
        : new Builder<>(
                decoder(connection, encoder, toUpstream(limits)),
                encoder,
                settings(false, limits),
                null,
                null,
                make)
            .make();
  }

  /** What a client sends passes the early refusals first, then the rules for the states. */
  private static <T extends AbstractHttp2Connection> T serve(
      Http2Connection connection,
      ConnectionStanding client,
      Http2ConnectionEncoder encoder,
      CodecSettings limits,
      Function<Http2Parts, T> make) {
    HeadProgressReader heads =
        new HeadProgressReader(new RememberingHeadersDecoder(limits.maxHeaderBytes(), client));
    EarlyRefusalReader early = new EarlyRefusalReader(heads, connection);
    Http2FrameReader states = new StreamStateReader(early, connection);
    Http2ConnectionDecoder decoder = decoder(connection, encoder, states);
    return new Builder<>(decoder, encoder, settings(true, limits), early, heads, make).make();
  }

  private static Http2FrameReader toUpstream(CodecSettings limits) {
    return new DefaultHttp2FrameReader(new CountingHeadersDecoder(limits.maxHeaderBytes()));
  }

  private static Http2ConnectionDecoder decoder(
      Http2Connection connection, Http2ConnectionEncoder encoder, Http2FrameReader frames) {
    return new DefaultHttp2ConnectionDecoder(
        connection,
        encoder,
        frames,
        Http2PromisedRequestVerifier.ALWAYS_VERIFY,
        true,
        true,
        true,
        true);
  }

  private static Http2Settings settings(boolean server, CodecSettings limits) {
    Http2Settings s = new Http2Settings().maxHeaderListSize(limits.maxHeaderBytes());
    return server
        ? s.initialWindowSize(CodecSettings.CLIENT_STREAM_WINDOW)
            .maxConcurrentStreams(limits.maxStreams())
        : s.initialWindowSize(CodecSettings.UPSTREAM_STREAM_WINDOW).pushEnabled(false);
  }

  private static final class Builder<T extends AbstractHttp2Connection>
      extends AbstractHttp2ConnectionHandlerBuilder<T, Builder<T>> {
    private final @Nullable EarlyRefusalReader early;
    private final @Nullable HeadProgressReader heads;
    private final Function<Http2Parts, T> make;

    Builder(
        Http2ConnectionDecoder decoder,
        Http2ConnectionEncoder encoder,
        Http2Settings settings,
        @Nullable EarlyRefusalReader early,
        @Nullable HeadProgressReader heads,
        Function<Http2Parts, T> make) {
      this.early = early;
      this.heads = heads;
      this.make = make;
      initialSettings(settings);
      if (decoder.connection().isServer()) {
        // must come before codec(), which refuses it afterwards
        decoderEnforceMaxRstFramesPerWindow(
            CodecSettings.MAX_RESETS, CodecSettings.RESET_WINDOW_SECONDS);
      }
      decoderEnforceMaxConsecutiveEmptyDataFrames(MAX_EMPTY_DATA_FRAMES);
      codec(decoder, encoder);
    }

    T make() {
      return build();
    }

    @Override
    protected T build(Http2ConnectionDecoder d, Http2ConnectionEncoder e, Http2Settings s) {
      return make.apply(new Http2Parts(d, e, s, early, heads));
    }
  }

  /** Netty's own limit is package-private and not applied to a codec that was put together. */
  private static final class ControlFrameLimit extends DecoratingHttp2ConnectionEncoder {
    private int waiting;

    ControlFrameLimit(Http2ConnectionEncoder delegate) {
      super(delegate);
    }

    private ChannelPromise counted(ChannelHandlerContext ctx, ChannelPromise promise) {
      if (++waiting == CodecSettings.MAX_QUEUED_CONTROL_FRAMES) {
        ctx.close();
      }
      return promise.unvoid().addListener(f -> waiting--);
    }

    @Override
    public ChannelFuture writeSettingsAck(ChannelHandlerContext ctx, ChannelPromise promise) {
      return super.writeSettingsAck(ctx, counted(ctx, promise));
    }

    @Override
    public ChannelFuture writePing(
        ChannelHandlerContext ctx, boolean ack, long data, ChannelPromise promise) {
      return super.writePing(ctx, ack, data, ack ? counted(ctx, promise) : promise);
    }

    @Override
    public ChannelFuture writeRstStream(
        ChannelHandlerContext ctx, int streamId, long errorCode, ChannelPromise promise) {
      return super.writeRstStream(ctx, streamId, errorCode, counted(ctx, promise));
    }
  }
}
