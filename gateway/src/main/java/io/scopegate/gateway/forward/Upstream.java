package io.scopegate.gateway.forward;

import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import io.scopegate.gateway.exchange.LoopContext;
import io.scopegate.gateway.exchange.StreamEnd;
import io.scopegate.gateway.exchange.TenantMemoryShare;
import io.scopegate.gateway.exchange.Timeouts;
import io.scopegate.gateway.http.CodecSettings;
import io.scopegate.gateway.telemetry.UpstreamMeters;
import io.scopegate.gateway.tls.UpstreamTls;
import org.jspecify.annotations.Nullable;

/** One upstream, as one event loop sees it. */
public final class Upstream implements Destination {
  /** The largest response head that is taken from an upstream. */
  private static final int MAX_HEADER_BYTES = 64 << 10;

  private static final AsciiString HTTP = AsciiString.cached("http");
  private static final AsciiString HTTPS = AsciiString.cached("https");

  private final String name;
  private final Timeouts timeouts;
  private final AsciiString scheme;
  private final @Nullable AsciiString prefix;
  private final Pool grpc;
  private final Pool rest;

  /**
   * An upstream.
   *
   * @param name its name in the configuration
   * @param loops how many event loops share its connections
   * @param tls TLS towards it; null for clear text
   */
  public Upstream(
      String name,
      UpstreamConfig config,
      LoopContext worker,
      Transport transport,
      int loops,
      @Nullable UpstreamTls tls,
      UpstreamMeters meters) {
    this.name = name;
    TimeoutsConfig t = config.timeouts();
    timeouts = new Timeouts(t.firstByte().toNanos(), t.idle().toNanos(), t.exchange().toNanos());
    scheme = tls == null ? HTTP : HTTPS;
    UpstreamTls.Beginning tls1 = tls == null ? null : tls::begin1;
    UpstreamTls.Beginning tls2 = tls == null ? null : tls::begin2;
    Connector by1 =
        new SocketConnector(name, config, config.url(), worker, transport, tls1, meters);
    Connector by2 =
        new SocketConnector(name, config, config.url(), worker, transport, tls2, meters);
    CodecSettings limits = new CodecSettings(MAX_HEADER_BYTES, 0, 0, 0, 0, 0, true);
    ConnectionsConfig c = config.connections();
    int pending = share(c.pending(), loops);
    Pool http1 = new Http1Pool(by1, limits, share(c.max(), loops), pending);
    Pool http2 = new Http2Pool(by2, limits, share(c.http2(), loops), pending);
    UpstreamUrl grpcUrl = config.grpcUrl();
    if (grpcUrl != null) {
      Connector calls = new SocketConnector(name, config, grpcUrl, worker, transport, tls2, meters);
      grpc = new Http2Pool(calls, limits, share(c.http2(), loops), pending);
    } else {
      grpc = config.protocol() == UpstreamConfig.Protocol.HTTP1 ? http1 : http2;
    }
    prefix = config.pathPrefix() == null ? null : new AsciiString(config.pathPrefix().text());
    rest =
        switch (config.protocol()) {
          case H2, H2C -> http2;
          case HTTP1, AUTO -> http1;
        };
  }

  private static int share(int all, int loops) {
    return Math.max(1, (all + loops - 1) / loops);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Timeouts timeouts() {
    return timeouts;
  }

  @Override
  public AsciiString scheme() {
    return scheme;
  }

  @Override
  public void locate(Http2Headers head, boolean isGrpc) {
    if (prefix != null && !isGrpc) {
      head.path(prefix.concat(head.path()));
    }
  }

  /**
   * Gets no further requests: connections close as they become free, including those opened for
   * late requests. On the event loop.
   */
  public void retire() {
    grpc.retire();
    rest.retire();
  }

  @Override
  public StreamEnd open(boolean isGrpc, @Nullable TenantMemoryShare tenant) {
    return (isGrpc ? grpc : rest).open(tenant);
  }
}
