package io.scopegate.gateway.warmup;

import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.scopegate.config.DurationText;
import io.scopegate.gateway.configuration.GatewayConfig;
import io.scopegate.gateway.listen.ListenerConfig;
import io.scopegate.gateway.route.Protocol;
import io.scopegate.gateway.tls.TlsConfig;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.spi.VertxThreadFactory;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the JVM compile what a request needs before the first one comes: sends requests of its own
 * through a {@link WarmGateway}, on one thread, until the compiler has nothing more to do, or the
 * time is over. Whatever goes wrong, it ends, and leaves nothing behind.
 */
public final class WarmUp {
  private static final Logger LOG = LoggerFactory.getLogger(WarmUp.class);

  /** Enough to fill what is written at once, few enough for one HTTP/2 window. */
  private static final int AT_ONCE = 16;

  /** The compiler rests now and then before it has seen everything often enough. */
  private static final int FEWEST = 20_000;

  /**
   * A token of a service account is about a kilobyte in three parts: what reads it has to be
   * compiled for one as long, with every kind of letter.
   */
  private static final int TOKEN_PART_BYTES = 250;

  /** Connections of clients that are not made of the gateway's own parts, at a time. */
  private static final int VISITORS = 3;

  private static final long LOOK_MILLIS = 100;

  /**
   * The longest pause before the next request while few come: each caller has its own, so that the
   * event loop waits in between as it does at a low rate.
   */
  private static final int MOST_PAUSE_MILLIS = 20;

  private static final int CLOSE_LOOKS = 200;
  private static final long CLOSE_LOOK_MILLIS = 10;
  private static final int MOST_UNEXPECTED = 100;

  private final long mostMillis;
  private final GatewayConfig config;
  private final boolean epoll;
  private final MultiThreadIoEventLoopGroup group;
  private final EventLoop loop;
  private final Promise<Result> done = Promise.promise();
  private final CompilerActivity compiler;
  private final int fewest;
  private final long startNanos = System.nanoTime();
  private @Nullable WarmGateway gateway;
  private List<Call> calls = List.of();
  private List<Call> visitorsCalls = List.of();
  private boolean ending;
  private boolean sparse;
  private int visits;
  private int sent;
  private int unexpected;
  private @Nullable Throwable failure;

  /**
   * Has not begun.
   *
   * @param compiler ends it when it is quiet
   * @param fewest requests that are sent before that, unless the time is over
   */
  WarmUp(GatewayConfig config, boolean epoll, CompilerActivity compiler, int fewest) {
    this.config = config;
    this.epoll = epoll;
    this.compiler = compiler;
    this.fewest = fewest;
    this.mostMillis = config.admin().warmUp().toMillis();
    group =
        new MultiThreadIoEventLoopGroup(
            1, WarmUp::newThread, epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    loop = group.next();
  }

  /** Of the class that the serving event loops have: compiled code is made for it. */
  private static Thread newThread(Runnable loop) {
    Thread thread =
        VertxThreadFactory.INSTANCE.newVertxThread(
            loop, "scopegate-warm-up", false, 1, TimeUnit.MINUTES);
    thread.setDaemon(true);
    return thread;
  }

  /** Whether a configuration wants it. */
  public static boolean isWanted(GatewayConfig config) {
    return !config.admin().warmUp().isZero() && !served(config).isEmpty();
  }

  /**
   * Starts it; returns at once.
   *
   * @param config of the gateway that serves
   * @param epoll whether its event loops are driven by epoll
   */
  public static WarmUp start(GatewayConfig config, boolean epoll) {
    WarmUp warmUp = new WarmUp(config, epoll, CompilerActivity.ofThisProcess(), FEWEST);
    warmUp.start();
    return warmUp;
  }

  void start() {
    loop.execute(this::begin);
  }

  /** Completes when it has ended, and its thread with it; never fails. */
  public Future<Result> done() {
    return done.future();
  }

  /**
   * What came of it.
   *
   * @param sent requests that were sent
   * @param unexpected those that had another answer than they should
   * @param took how long it took
   * @param failure what ended it early; null for nothing
   */
  public record Result(int sent, int unexpected, Duration took, @Nullable Throwable failure) {
    private void log() {
      if (failure != null) {
        LOG.warn(
            "warm-up: ended after {}, so that the first requests take longer; nothing else is"
                + " wrong",
            DurationText.format(took),
            failure);
      } else {
        LOG.info(
            "warm-up: {} requests in {}, {} with an unexpected answer",
            sent,
            DurationText.format(took),
            unexpected);
      }
    }
  }

  /** Ends it now; for any thread, and any number of times. */
  public void stop() {
    if (!done.future().isComplete()) {
      try {
        loop.execute(this::end);
      } catch (RejectedExecutionException ended) {
        // it is ending already
      }
    }
  }

  /** What the listeners serve. */
  static Set<Protocol> served(GatewayConfig config) {
    Set<Protocol> served = EnumSet.noneOf(Protocol.class);
    for (ListenerConfig listener : config.listeners().values()) {
      listener.effectiveRoutes().forEach(route -> served.addAll(route.serves()));
    }
    return served;
  }

  /** The TLS of the first listener that has it; null when none has. */
  private static @Nullable TlsConfig tls(GatewayConfig config) {
    return config.listeners().values().stream()
        .map(ListenerConfig::tls)
        .filter(tls -> tls.mode() != TlsConfig.Mode.DISABLED)
        .findFirst()
        .orElse(null);
  }

  private static boolean takesClearText(GatewayConfig config) {
    return config.listeners().values().stream()
        .anyMatch(listener -> listener.tls().mode() != TlsConfig.Mode.REQUIRED);
  }

  // ---- on its event loop

  private void begin() {
    if (ending) {
      return;
    }
    loop.schedule(this::end, mostMillis, TimeUnit.MILLISECONDS);
    try {
      String token = token();
      TlsConfig tls = tls(config);
      calls = Calls.of(served(config), token, takesClearText(config), tls != null);
      visitorsCalls = Calls.ofVisitors(calls);
      WarmGateway made = new WarmGateway(loop, epoll, config.log(), token, tls);
      gateway = made;
      made.open(this::run, this::failed);
    } catch (Exception | LinkageError e) {
      failed(e);
    }
  }

  private static String token() {
    SecureRandom random = new SecureRandom();
    return String.join(".", part(random), part(random), part(random));
  }

  private static String part(SecureRandom random) {
    byte[] bytes = new byte[TOKEN_PART_BYTES];
    random.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private void run() {
    for (int i = 0; i < AT_ONCE; i++) {
      next();
    }
    for (int i = 0; i < VISITORS && !visitorsCalls.isEmpty(); i++) {
      visit();
    }
    loop.schedule(this::look, LOOK_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void next() {
    WarmGateway to = gateway;
    if (ending || to == null) {
      return;
    }
    Call call = calls.get(sent % calls.size());
    try {
      new Caller(to.worker(), call, this::ended).call(to.way(call.over()), sent++);
    } catch (RuntimeException e) {
      failed(e);
    }
  }

  private void ended(boolean asExpected) {
    count(asExpected);
    if (ending) {
      return;
    }
    soon(this::next);
  }

  /** Not before what is being done has ended everywhere; later in times when few requests come. */
  private void soon(Runnable step) {
    if (sparse) {
      loop.schedule(step, 1 + sent % MOST_PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    } else {
      loop.execute(step);
    }
  }

  private void visit() {
    WarmGateway to = gateway;
    if (!ending && to != null) {
      to.visit(new Visitor(visits++, visitorsCalls, new Hosts()), this::failed);
    }
  }

  /** What visitors tell. */
  private final class Hosts implements Visitor.Host {
    @Override
    public int asked() {
      return sent++;
    }

    @Override
    public void answered(boolean asExpected) {
      count(asExpected);
    }

    @Override
    public void next(Runnable step) {
      soon(step);
    }

    @Override
    public void left() {
      if (!ending) {
        soon(WarmUp.this::visit);
      }
    }
  }

  private void count(boolean asExpected) {
    if (!ending && !asExpected && ++unexpected > MOST_UNEXPECTED) {
      failed(new IllegalStateException("requests have unexpected answers"));
    }
  }

  private void look() {
    if (ending) {
      return;
    }
    sparse = !sparse;
    if (compiler.isQuiet() && sent >= fewest) {
      end();
    } else {
      loop.schedule(this::look, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void failed(Throwable e) {
    failure = e;
    end();
  }

  private void end() {
    if (ending) {
      return;
    }
    ending = true;
    Duration took = Duration.ofMillis((System.nanoTime() - startNanos) / 1_000_000);
    Result result = new Result(sent, unexpected, took, failure);
    result.log();
    if (gateway != null) {
      gateway.retire();
    }
    closeWhenIdle(result, CLOSE_LOOKS);
  }

  /** What its connections hold is released as they close, not when their event loop has ended. */
  private void closeWhenIdle(Result result, int looks) {
    if (gateway == null || gateway.isIdle() || looks == 0) {
      close(result);
    } else {
      loop.schedule(
          () -> closeWhenIdle(result, looks - 1), CLOSE_LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void close(Result result) {
    try {
      if (gateway != null) {
        gateway.close();
      }
    } catch (RuntimeException e) {
      LOG.warn("warm-up: something of it did not close", e); // its thread has to end all the same
    }
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).addListener(ended -> ended(result));
  }

  /** What it has left on the heap goes now, not in the middle of somebody's requests. */
  private void ended(Result result) {
    System.gc();
    done.complete(result);
  }
}
