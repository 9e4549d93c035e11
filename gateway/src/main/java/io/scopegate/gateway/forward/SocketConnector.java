package io.scopegate.gateway.forward;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.SslHandler;
import io.scopegate.gateway.exchange.LoopContext;
import io.scopegate.gateway.telemetry.UpstreamMeters;
import io.scopegate.gateway.tls.UpstreamTls;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Connects by sockets. */
final class SocketConnector implements Connector {
  private static final Logger LOG = LoggerFactory.getLogger(SocketConnector.class);

  private final String name;
  private final UpstreamConfig config;
  private final LoopContext worker;
  private final Bootstrap bootstrap;
  private final UpstreamTls.@Nullable Beginning tls;
  private final UpstreamMeters meters;
  private final UpstreamUrl url;
  private boolean reported;

  SocketConnector(
      String name,
      UpstreamConfig config,
      UpstreamUrl url,
      LoopContext worker,
      Transport transport,
      UpstreamTls.@Nullable Beginning tls,
      UpstreamMeters meters) {
    this.meters = meters;
    this.name = name;
    this.config = config;
    this.url = url;
    this.worker = worker;
    this.tls = tls;
    bootstrap = transport.client(worker.eventLoop, config.timeouts().connect());
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public LoopContext worker() {
    return worker;
  }

  @Override
  public void retried() {
    meters.retried();
  }

  @Override
  public UpstreamConfig config() {
    return config;
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
    InetSocketAddress to = InetSocketAddress.createUnresolved(url.host(), url.port());
    long startNanos = System.nanoTime();
    ChannelFuture tcp = bootstrap.clone().handler(initializer).connect(to);
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
      LOG.info("upstream {} is reachable again", name);
    }
    connected.run();
  }

  /** Logs once per outage and event loop: an upstream that is down must not flood the log. */
  @Override
  public void report(Throwable cause) {
    if (!reported) {
      reported = true;
      LOG.warn("upstream {} ({}) is unreachable: {}", name, url, cause.toString());
    }
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
