package io.scopegate.gateway.forward;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.SslHandler;
import io.scopegate.gateway.exchange.LoopContext;
import io.scopegate.gateway.telemetry.UpstreamMeters;
import io.scopegate.gateway.tls.UpstreamTls;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Connects by sockets. */
final class SocketConnector extends EndpointConnector {
  private static final Logger LOG = LoggerFactory.getLogger(SocketConnector.class);

  private final Transport transport;
  private final UpstreamTls.@Nullable Beginning tls;
  private final UpstreamMeters meters;
  private final UpstreamUrl url;
  private final EndpointAddress to;
  private boolean reported;

  SocketConnector(
      String name,
      UpstreamConfig config,
      UpstreamUrl url,
      EndpointAddress to,
      LoopContext worker,
      Transport transport,
      UpstreamTls.@Nullable Beginning tls,
      UpstreamMeters meters) {
    super(name, config, worker);
    this.meters = meters;
    this.url = url;
    this.to = to;
    this.tls = tls;
    this.transport = transport;
  }

  @Override
  public long nanoTime() {
    return System.nanoTime();
  }

  @Override
  public void connect(
      Consumer<ChannelPipeline> speak, Runnable connected, Consumer<Throwable> failed) {
    ChannelInitializer<Channel> initializer =
        new ChannelInitializer<>() {
          @Override
          protected void initChannel(Channel c) {
            if (tls != null) {
              c.pipeline().addLast(newTls(c, tls));
            }
            speak.accept(c.pipeline());
          }
        };
    long startNanos = System.nanoTime();
    ChannelFuture tcp =
        transport.connect(worker.eventLoop, to.socket(), config.timeouts().connect(), initializer);
    tcp.addListener(f -> {
      if (worker.eventLoop.inEventLoop()) {
        established(tcp, startNanos, connected, failed);
      } else { // a channel that could not even be made belongs to no event loop
        worker.eventLoop.execute(() -> established(tcp, startNanos, connected, failed));
      }
    });
  }

  private SslHandler newTls(Channel c, UpstreamTls.Beginning beginning) {
    String serverName = config.tls().serverName();
    String host = withoutRoot(serverName != null ? serverName : url.host());
    SslHandler handler = beginning.begin(c.alloc(), host, url.port());
    handler.setHandshakeTimeoutMillis(config.timeouts().connect().toMillis());
    return handler;
  }

  /**
   * A name may end with the dot of the root for the resolver; in TLS and certificates it does not.
   */
  private static String withoutRoot(String host) {
    return host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
  }

  private void established(
      ChannelFuture tcp, long startNanos, Runnable connected, Consumer<Throwable> failed) {
    if (!tcp.isSuccess()) {
      meters.connectFailed();
      report(tcp.cause());
      failed.accept(tcp.cause());
      return;
    }
    SslHandler handler = tcp.channel().pipeline().get(SslHandler.class);
    if (handler == null) {
      succeeded(tcp.channel(), startNanos, connected);
      return;
    }
    handler
        .handshakeFuture()
        .addListener(f -> {
          if (f.isSuccess()) {
            succeeded(tcp.channel(), startNanos, connected);
          } else {
            meters.connectFailed();
            report(f.cause());
            tcp.channel().close();
            failed.accept(f.cause());
          }
        });
  }

  private void succeeded(Channel c, long startNanos, Runnable connected) {
    meters.connected(System.nanoTime() - startNanos);
    c.closeFuture().addListener(f -> meters.disconnected());
    if (reported) {
      reported = false;
      LOG.info("upstream {} ({}) is reachable again", name, where());
    }
    connected.run();
  }

  /** Logs once per outage and event loop: an upstream that is down must not flood the log. */
  @Override
  public void report(Throwable cause) {
    if (!reported) {
      reported = true;
      String words = Causes.words(cause, url.host(), config.timeouts().connect());
      LOG.warn("upstream {} ({}) is unreachable: {}", name, where(), words);
    }
  }

  /** The URL, and which of its addresses when it does not say so. */
  private String where() {
    String text = url.toString();
    return text.endsWith(to.text()) ? text : text + " at " + to.text();
  }

  @Override
  public void within(BooleanSupplier happened, Runnable callOff) {
    long millis = config.timeouts().connect().toMillis();
    if (millis > 0) {
      worker.eventLoop.schedule(
          () -> {
            if (!happened.getAsBoolean()) {
              callOff.run();
            }
          },
          millis,
          TimeUnit.MILLISECONDS);
    }
  }
}
