package io.scopegate.gateway.admin;

import io.scopegate.gateway.traffic.Figures;
import io.scopegate.gateway.traffic.Traffic;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells those who look at the console what has changed, as <a
 * href="https://html.spec.whatwg.org/multipage/server-sent-events.html">server-sent events</a>: one
 * event for each part of the page whose content is not what this subscriber was sent last.
 *
 * <p>There is one timer for all of them, and none without them: nothing is looked at, and nothing
 * is kept, while nobody looks. A subscriber that does not read is disconnected; one that does is
 * asked to come again after a while, so that none stays for good. For any thread.
 */
final class ConsoleEvents {
  private static final Logger LOG = LoggerFactory.getLogger(ConsoleEvents.class);

  /** So many look at a time. */
  static final int MOST = 8;

  /** How many refusals are sent. */
  private static final int MOST_REFUSALS = 50;

  /** What may wait for a subscriber to read it. */
  private static final int MOST_UNREAD_BYTES = 256 * 1024;

  /**
   * When something is looked at, and how long a stream lasts: less than the port keeps a silent
   * connection.
   */
  record Times(Duration interval, Duration stream) {
    static final Times USUAL = new Times(Duration.ofSeconds(1), Duration.ofSeconds(50));
  }

  private final Vertx vertx;
  private final Console console;
  private final ConsoleView view;
  private final Times times;
  private final Set<Subscriber> subscribers = new LinkedHashSet<>();
  private Map<String, String> last = Map.of();
  private @Nullable Look before;
  private @Nullable Long timer;
  private boolean looking;
  private boolean closed;

  ConsoleEvents(Vertx vertx, Console console, ConsoleView view, Times times) {
    this.vertx = vertx;
    this.console = console;
    this.view = view;
    this.times = times;
  }

  /** What there was at one time. */
  private record Look(Figures figures, long nanos) {}

  /** Somebody who looks; guarded by the lock of all. */
  private static final class Subscriber {
    final HttpServerResponse response;
    final long sinceNanos = System.nanoTime();
    final Map<String, String> sent = new HashMap<>();

    Subscriber(HttpServerResponse response) {
      this.response = response;
    }

    /** Sends what is not what it was; false when it does not read. */
    boolean tell(Map<String, String> parts) {
      if (response.writeQueueFull()) {
        return false;
      }
      StringBuilder events = new StringBuilder();
      parts.forEach((part, content) -> {
        if (!content.equals(sent.put(part, content))) {
          events.append("event: ").append(part).append("\ndata: ").append(content).append("\n\n");
        }
      });
      if (!events.isEmpty()) {
        response.write(events.toString());
      }
      return true;
    }
  }

  /** Takes a subscriber, or says that there are too many. */
  void subscribe(RoutingContext context) {
    HttpServerResponse response = context.response();
    Subscriber subscriber = new Subscriber(response);
    if (!add(subscriber)) {
      response.putHeader("Retry-After", "5");
      ConsoleAnswer.text(context, 503, "events: too many look at a time; try again\n");
      return;
    }
    response.closeHandler(gone -> remove(subscriber));
    response.exceptionHandler(failure -> remove(subscriber));
    ConsoleAnswer.head(response, 200, "text/event-stream")
        .setChunked(true)
        .setWriteQueueMaxSize(MOST_UNREAD_BYTES)
        .write("retry: 300\n\n");
    tellAtOnce(subscriber);
  }

  private synchronized boolean add(Subscriber subscriber) {
    return !closed && subscribers.size() < MOST && subscribers.add(subscriber);
  }

  private synchronized void remove(Subscriber subscriber) {
    subscribers.remove(subscriber);
  }

  /** How many look. */
  synchronized int subscribers() {
    return subscribers.size();
  }

  /** Whether the timer runs; it ends with the first turn at which nobody looks. */
  synchronized boolean isRunning() {
    return timer != null;
  }

  private synchronized void tellAtOnce(Subscriber subscriber) {
    subscriber.tell(last);
    if (timer == null && !closed) {
      timer = vertx.setPeriodic(0, times.interval().toMillis(), id -> look());
    }
  }

  private void look() {
    if (begins()) {
      vertx
          .executeBlocking(this::parts, false)
          .onSuccess(this::publish)
          .onFailure(failure -> {
            LOG.debug("console: nothing to show", failure); // the page says that nothing comes
            publish(Map.of());
          });
    }
  }

  /** Whether it is time: somebody looks, and the last look is over. */
  private synchronized boolean begins() {
    if (subscribers.isEmpty()) {
      stop();
      return false;
    }
    boolean begins = !looking;
    looking = true;
    return begins;
  }

  private synchronized void stop() {
    Long running = timer;
    if (running != null) {
      vertx.cancelTimer(running);
    }
    timer = null;
    before = null;
    last = Map.of();
  }

  private void publish(Map<String, String> parts) {
    for (Subscriber slow : told(parts)) {
      slow.response.reset();
    }
  }

  /** Tells everybody; those who do not read are not subscribers any more. */
  private synchronized List<Subscriber> told(Map<String, String> parts) {
    looking = false;
    if (timer == null) {
      before = null; // everybody left meanwhile
    }
    if (!subscribers.isEmpty()) {
      last = parts;
    }
    List<Subscriber> slow = new ArrayList<>();
    long now = System.nanoTime();
    for (Subscriber subscriber : List.copyOf(subscribers)) {
      if (!subscriber.tell(parts)) {
        subscribers.remove(subscriber);
        slow.add(subscriber);
      } else if (now - subscriber.sinceNanos > times.stream().toNanos()) {
        subscribers.remove(subscriber);
        subscriber.response.end();
      }
    }
    return slow;
  }

  /** Ends all streams, and takes no more. */
  synchronized void close() {
    closed = true;
    stop();
    subscribers.forEach(subscriber -> subscriber.response.end());
    subscribers.clear();
  }

  // ---- what there is to see

  private Map<String, String> parts() {
    Look now = new Look(console.figures(), System.nanoTime());
    Look earlier = replace(now);
    Duration between =
        earlier == null ? Duration.ZERO : Duration.ofNanos(now.nanos() - earlier.nanos());
    Traffic traffic =
        Traffic.between(
            earlier == null ? now.figures() : earlier.figures(), now.figures(), between);
    Map<String, String> parts = new LinkedHashMap<>();
    parts.put("status", view.status(traffic).encode());
    parts.put("traffic", traffic(traffic, between).encode());
    parts.put("refusals", view.refusals(MOST_REFUSALS).encode());
    parts.put("upstreams", view.upstreams(traffic).encode());
    parts.put("cluster", cluster(now.figures()).encode());
    parts.put("budgets", ConsoleView.budgets(now.figures()).encode());
    parts.put("certificates", view.certificates().encode());
    parts.put("reload", view.reload().encode());
    return parts;
  }

  private synchronized @Nullable Look replace(Look now) {
    Look earlier = before;
    before = now;
    return earlier;
  }

  /** It differs each time, so that who looks can tell that the gateway is there. */
  private static JsonObject traffic(Traffic traffic, Duration between) {
    return ConsoleView.traffic(traffic)
        .put("time", System.currentTimeMillis())
        .put("seconds", between.toMillis() / 1_000.0);
  }

  private JsonObject cluster(Figures figures) {
    return view.cluster().mergeIn(ConsoleView.caches(figures));
  }
}
