package io.scopegate.gateway.forward;

import io.netty.channel.EventLoop;
import io.scopegate.gateway.exchange.LoopContext;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The active checks of an upstream's servers: one for each server, by the event loop that knew it
 * first, whose result all loops get that know it. For any thread.
 */
public final class EndpointChecks {
  private static final Logger LOG = LoggerFactory.getLogger(EndpointChecks.class);

  private final String upstream;
  private final HealthCheckConfig config;
  private final boolean http2;
  private final Map<String, Checked> all = new HashMap<>();

  private EndpointChecks(String upstream, HealthCheckConfig config, boolean http2) {
    this.upstream = upstream;
    this.config = config;
    this.http2 = http2;
  }

  /** Those of an upstream; null when none are wanted. */
  public static @Nullable EndpointChecks of(String upstream, UpstreamConfig config) {
    HealthCheckConfig check = config.healthCheck();
    return check == null ? null : new EndpointChecks(upstream, check, config.isCheckedByHttp2());
  }

  /** Makes what connects to the place that is asked, on the loop that asks. */
  interface Connecting {
    Connector to(EndpointAddress address, boolean http2);
  }

  /**
   * Has a server checked, from now until what is returned runs.
   *
   * @param told gets the result at first and when it changes, on the event loop
   */
  synchronized Runnable follow(
      EndpointAddress server, LoopContext worker, Connecting connecting, Consumer<Boolean> told) {
    Checked one = all.computeIfAbsent(server.text(), text -> new Checked(text, worker.eventLoop));
    if (one.check == null) {
      EndpointCheck check =
          new EndpointCheck(
              config, connecting.to(server.at(config.port()), http2), http2, random(), one::found);
      one.check = check;
      worker.eventLoop.execute(check::start);
    }
    Object follower = new Object();
    one.join(follower, new Follower(worker.eventLoop, told));
    return () -> leave(one, follower);
  }

  /** Of the thread that draws. */
  private static RandomGenerator random() {
    return () -> ThreadLocalRandom.current().nextLong();
  }

  private synchronized void leave(Checked one, Object follower) {
    one.followers.remove(follower);
    EndpointCheck check = one.check;
    if (one.followers.isEmpty() && check != null) {
      all.remove(one.server, one);
      one.check = null;
      one.loop.execute(check::stop);
    }
  }

  /** An event loop that wants to know. */
  private record Follower(EventLoop loop, Consumer<Boolean> told) {
    void tell(boolean isWell) {
      loop.execute(() -> told.accept(isWell));
    }
  }

  /** One server. */
  private final class Checked {
    final String server;
    final EventLoop loop;
    final Map<Object, Follower> followers = new LinkedHashMap<>();
    @Nullable EndpointCheck check;
    @Nullable Boolean isWell;

    Checked(String server, EventLoop loop) {
      this.server = server;
      this.loop = loop;
    }

    void join(Object id, Follower follower) {
      followers.put(id, follower);
      Boolean known = isWell;
      if (known != null) {
        follower.tell(known);
      }
    }

    void found(boolean now, @Nullable String why) {
      synchronized (EndpointChecks.this) {
        log(now, why);
        isWell = now;
        followers.values().forEach(follower -> follower.tell(now));
      }
    }

    private void log(boolean now, @Nullable String why) {
      if (!now) {
        LOG.warn("upstream {}: the check of {} fails: {}", upstream, server, why);
      } else if (Boolean.FALSE.equals(isWell)) {
        LOG.info("upstream {}: the check of {} succeeds again", upstream, server);
      }
    }
  }
}
