package io.scopegate.gateway.listen;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import io.netty.util.AsciiString;
import io.scopegate.gateway.codec.ClientInfo;
import io.scopegate.gateway.codec.CodecSettings;
import io.scopegate.gateway.codec.H1ClientConnection;
import io.scopegate.gateway.codec.H2ClientConnection;
import io.scopegate.gateway.codec.RequestHandler;
import io.scopegate.gateway.codec.Worker;
import io.scopegate.gateway.telemetry.ListenerMeters;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** One listener: takes connections and lets each speak what it speaks. */
public final class Port extends ChannelInitializer<Channel> {
  private final String name;
  private final ListenerConfig config;
  private final CodecSettings limits;
  private final Map<EventLoop, Served> loops;
  private final @Nullable ServerTls tls;
  private final ListenerMeters meters;
  private final AtomicInteger connections = new AtomicInteger();

  /**
   * What one event loop brings along.
   *
   * @param worker its own things
   * @param handler what takes the requests of this listener
   */
  public record Served(Worker worker, RequestHandler handler) {}

  /**
   * A port that is not open yet.
   *
   * @param name the listener's name in the configuration
   * @param maxAge when a connection is asked to go and come again
   * @param loops what serves it, by event loop
   * @param tls its certificate; null when TLS is disabled
   */
  public Port(
      String name,
      ListenerConfig config,
      Duration maxAge,
      Map<EventLoop, Served> loops,
      @Nullable ServerTls tls,
      ListenerMeters meters) {
    this.meters = meters;
    this.name = name;
    this.config = config;
    this.loops = Map.copyOf(loops);
    this.tls = tls;
    ClientsConfig c = config.clients();
    limits =
        new CodecSettings(
            (int) c.maxHeaderBytes().bytes(),
            c.maxStreams(),
            c.headerTimeout().toNanos(),
            c.bodyTimeout().toNanos(),
            c.idleTimeout().toNanos(),
            maxAge.toNanos());
  }

  /** Opens the port; the future fails when it cannot be bound. */
  public ChannelFuture open(ServerBootstrap bootstrap) {
    InetSocketAddress address =
        new InetSocketAddress(config.address().host(), config.address().port());
    return bootstrap.clone().childHandler(this).bind(address);
  }

  /** The listener's name. */
  public String name() {
    return name;
  }

  @Override
  protected void initChannel(Channel c) {
    if (connections.incrementAndGet() > config.clients().maxConnections()) {
      connections.decrementAndGet();
      meters.connectionFailed(ListenerMeters.Failure.LIMIT);
      c.close();
      return;
    }
    meters.connectionOpened();
    c.closeFuture().addListener(f -> closed());
    c.pipeline().addLast(new ProtocolDetector(this));
  }

  private void closed() {
    connections.decrementAndGet();
    meters.connectionClosed();
  }

  ListenerMeters meters() {
    return meters;
  }

  @Nullable ServerTls tls() {
    return tls;
  }

  boolean tlsRequired() {
    return config.tls().mode() == TlsConfig.Mode.REQUIRED;
  }

  long handshakeTimeoutMillis() {
    return config.clients().handshakeTimeout().toMillis();
  }

  /** Fills the pipeline of a connection that has said what it speaks. */
  void speak(ChannelPipeline p, boolean http2, boolean isTls) {
    Served served = loops.get(p.channel().eventLoop());
    if (served == null) {
      throw new IllegalStateException("eventLoop: unknown (expected: one of the workers')");
    }
    ClientInfo info = info(p.channel(), isTls);
    if (http2) {
      p.addLast(H2ClientConnection.create(served.worker(), served.handler(), info, limits));
    } else {
      H1ClientConnection.addTo(p, served.worker(), served.handler(), info, limits);
    }
  }

  private ClientInfo info(Channel c, boolean isTls) {
    if (c.remoteAddress() instanceof InetSocketAddress a && a.getAddress() != null) {
      String ip = a.getAddress().getHostAddress();
      return new ClientInfo(name, ip + ":" + a.getPort(), AsciiString.of(ip), isTls);
    }
    return new ClientInfo(name, "", AsciiString.EMPTY_STRING, isTls);
  }
}
