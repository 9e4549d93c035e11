package io.scopegate.authz.kubernetes;

import io.scopegate.authz.http.HttpAnswer;
import io.scopegate.authz.http.HttpFailures;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Follows one kind of object: a <a
 * href="https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes">list
 * and then watches</a>, each from where the last one ended; a list again when the server does not
 * know that place any more. Only what it is told about is touched under the lock, which all kinds
 * share; JSON is read outside it.
 *
 * @param <R> what is followed
 */
final class ResourceWatch<R extends Watched> {
  private static final int LIMIT = 500;
  private static final long LIST_SECONDS = 30;
  private static final long HEAD_SECONDS = 10;

  /** Bookmarks come about every minute. */
  private static final long SILENCE_SECONDS = 100;

  private static final long SHORTEST_WATCH_SECONDS = 240;
  private static final long LONGEST_WATCH_SECONDS = 480;
  private static final long GOOD_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long AT_ONCE_MILLIS = 50;
  private static final long FIRST_PAUSE_MILLIS = 200;
  private static final long LONGEST_PAUSE_MILLIS = 10_000;
  private static final int MAX_DOUBLINGS = 6;
  private static final long TOO_MANY_MILLIS = 600_000;
  private static final int MAX_ODD_ANSWERS = 3;

  /** This many GOAWAYs in a row, with no event in between, are not a failure. */
  private static final int MAX_PARTINGS = 3;

  private final Vertx vertx;
  private final ApiLink link;
  private final R resource;
  private final String selection;
  private final FollowedObjects objects;
  private final Owner<R> owner;
  private final Object lock;

  // All under the lock.
  private String version = "";
  private int failures;
  private int oddAnswers;
  private int partings;
  private boolean watched;
  private boolean listedOnce;
  private boolean closed;
  private long timer = -1;
  private @Nullable Attempt current;

  /**
   * Is notified of the watch's state; called under the lock.
   *
   * @param <R> what is followed
   */
  interface Owner<R> {
    /** Everything is known for the first time. */
    void listed(R resource);

    /** Whether changes are received now. */
    void followed(R resource, boolean now);

    /** A watch begins, and it is not the first. */
    void rewatched(R resource);

    /** Something has changed. */
    void changed(R resource);

    /** The gateway has no right to it, by this HTTP status. */
    void refused(R resource, int status);

    /** The watch fails now; the reason is for the log. */
    void failing(R resource, String reason);
  }

  /**
   * Nothing is asked yet.
   *
   * @param lock guards the objects and the owner
   */
  ResourceWatch(
      Vertx vertx, ApiLink link, R resource, FollowedObjects objects, Owner<R> owner, Object lock) {
    this.vertx = vertx;
    this.link = link;
    this.resource = resource;
    this.selection =
        resource.selector().isEmpty() ? "" : "&labelSelector=" + encoded(resource.selector());
    this.objects = objects;
    this.owner = owner;
    this.lock = lock;
  }

  /** Begins; called once. */
  void start() {
    synchronized (lock) {
      next();
    }
  }

  /** Looks whether what is in progress is late, or on a connection that is not used any more. */
  void tick() {
    synchronized (lock) {
      Attempt attempt = current;
      if (attempt == null) {
        if (timer < 0) {
          // A handler died of something that nobody can foresee: no memory, no room on the stack.
          next();
        }
        return;
      }
      if (attempt.connection() != link.connection()) {
        abandon(attempt);
        next();
      } else if (System.nanoTime() - attempt.deadlineNanos() > 0) {
        abandon(attempt);
        late(attempt);
      }
    }
  }

  private void late(Attempt attempt) {
    if (attempt.answered()) {
      // Silence alone is no failure. If the connection is dead, the next attempt shows it.
      next();
    } else {
      link.timedOut(attempt.connection());
      fail("the API server did not answer in time");
    }
  }

  /** Ends permanently. */
  void close() {
    synchronized (lock) {
      closed = true;
      vertx.cancelTimer(timer);
      Attempt attempt = current;
      if (attempt != null) {
        abandon(attempt);
      }
      owner.followed(resource, false);
    }
  }

  private void abandon(Attempt attempt) {
    current = null;
    attempt.cancel();
  }

  private void next() {
    timer = -1;
    if (closed) {
      return;
    }
    try {
      if (version.isEmpty()) {
        objects.listing();
        list("");
      } else {
        watch();
      }
    } catch (RuntimeException e) {
      // The connection was closed just now.
      current = null;
      fail("the request could not be sent");
    }
  }

  private void list(String token) {
    String part = token.isEmpty() ? "" : "&continue=" + encoded(token);
    Page page =
        new Page(
            link.list(
                resource.path() + "?limit=" + LIMIT + selection + part, resource.acceptList()));
    current = page;
    page.exchange.whenAnswered(page::ended);
  }

  private void watch() {
    if (watched) {
      owner.rewatched(resource);
    }
    watched = true;
    long seconds =
        ThreadLocalRandom.current().nextLong(SHORTEST_WATCH_SECONDS, LONGEST_WATCH_SECONDS);
    Stream stream = new Stream();
    ApiConnection.Subscription subscription =
        link.watch(
            resource.path()
                + "?watch=true&allowWatchBookmarks=true"
                + selection
                + "&resourceVersion="
                + encoded(version)
                + "&timeoutSeconds="
                + seconds,
            resource.acceptWatch(),
            stream);
    stream.subscription = subscription;
    current = stream;
    subscription.start();
  }

  private static String encoded(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8);
  }

  // ---- what went wrong

  private void fail(String reason) {
    owner.followed(resource, false);
    owner.failing(resource, reason);
    long pause = FIRST_PAUSE_MILLIS << Math.min(failures, MAX_DOUBLINGS);
    failures++;
    later(Math.min(pause, LONGEST_PAUSE_MILLIS));
  }

  /** Between half of it and all of it, so that many gateways do not come all at once. */
  private void later(long millis) {
    if (!closed) {
      long some = ThreadLocalRandom.current().nextLong(millis / 2, millis + 1);
      timer =
          vertx.setTimer(
              Math.max(1, some),
              due -> {
                synchronized (lock) {
                  next();
                }
              });
    }
  }

  /** An answer that is none of the expected. */
  private void unexpected(int status, String retryAfter) {
    if (status == 401) {
      link.refused();
    } else if (status == 403 || status == 404 || status == 405) {
      owner.followed(resource, false);
      owner.refused(resource, status);
      later(resource.refusedMillis());
      return;
    } else if (status == 410 || isClientError(status) || isOften(status)) {
      // It does not know the place any more, or does not get on with it.
      oddAnswers = 0;
      version = "";
    }
    if (!retryAfter.isEmpty()) {
      // It wants to be left alone: as long as we ever leave it.
      failures = Math.max(failures, MAX_DOUBLINGS);
    }
    fail("the API server answered " + status);
  }

  /** The API server asks for another connection, which is no failure. */
  private boolean isParting(Throwable failure) {
    return HttpFailures.isGoAway(failure) && ++partings <= MAX_PARTINGS;
  }

  private static boolean isClientError(int status) {
    return status >= 400 && status < 500 && status != 429;
  }

  /** A place that a restored server has not reached yet looks like a failure of its own. */
  private boolean isOften(int status) {
    return status != 429 && status != 503 && ++oddAnswers >= MAX_ODD_ANSWERS;
  }

  private void tooMany(TooManyObjectsException e) {
    version = "";
    owner.followed(resource, false);
    owner.failing(resource, "there are too many: " + e.getMessage());
    later(TOO_MANY_MILLIS);
  }

  private void garbage() {
    version = "";
    fail("the API server's answer was not understood");
  }

  // ---- what is in progress

  private interface Attempt {
    ApiConnection connection();

    /** When it is late, if nothing comes before. */
    long deadlineNanos();

    /** Whether anything has come. */
    boolean answered();

    void cancel();
  }

  private final class Page implements Attempt {
    private final ApiConnection.Exchange exchange;
    private final long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIST_SECONDS);

    Page(ApiConnection.Exchange exchange) {
      this.exchange = exchange;
    }

    @Override
    public ApiConnection connection() {
      return exchange.connection();
    }

    @Override
    public long deadlineNanos() {
      return deadlineNanos;
    }

    @Override
    public boolean answered() {
      return false;
    }

    @Override
    public void cancel() {
      exchange.cancel();
    }

    void ended(@Nullable HttpAnswer answer, @Nullable Throwable failure) {
      JsonObject list = answer == null || answer.status() != 200 ? null : json(answer.body());
      synchronized (lock) {
        if (current != this) {
          return;
        }
        current = null;
        if (answer == null) {
          fail("the API server could not be reached");
          return;
        }
        exchange.connection().alive();
        if (answer.status() != 200) {
          unexpected(answer.status(), answer.retryAfter());
        } else if (list == null) {
          garbage();
        } else {
          take(list);
        }
      }
    }

    private void take(JsonObject list) {
      try {
        JsonArray items = list.getJsonArray("items");
        for (int i = 0; items != null && i < items.size(); i++) {
          objects.listed(items.getJsonObject(i));
        }
        JsonObject metadata = list.getJsonObject("metadata");
        String token = metadata.getString("continue", "");
        if (!token.isEmpty()) {
          list(token);
          return;
        }
        complete(metadata.getString("resourceVersion", ""));
      } catch (TooManyObjectsException e) {
        tooMany(e);
      } catch (RuntimeException e) {
        garbage();
      }
    }

    private void complete(String place) {
      if (place.isEmpty()) {
        throw new IllegalArgumentException("metadata.resourceVersion: missing (expected: one)");
      }
      objects.listed();
      version = place;
      if (!listedOnce) {
        listedOnce = true;
        owner.listed(resource);
      }
      watch();
    }
  }

  private static @Nullable JsonObject json(Buffer body) {
    try {
      return new JsonObject(body);
    } catch (DecodeException | ClassCastException e) {
      return null;
    }
  }

  private final class Stream implements Attempt, ApiConnection.Listener {
    private final long silenceNanos =
        TimeUnit.SECONDS.toNanos(SILENCE_SECONDS + ThreadLocalRandom.current().nextLong(20));
    private ApiConnection.@Nullable Subscription subscription;
    private volatile boolean opened;
    private volatile long heardNanos = System.nanoTime();
    private long openedNanos;

    private ApiConnection.Subscription subscription() {
      return Objects.requireNonNull(subscription);
    }

    @Override
    public ApiConnection connection() {
      return subscription().connection();
    }

    @Override
    public long deadlineNanos() {
      return heardNanos + (opened ? silenceNanos : TimeUnit.SECONDS.toNanos(HEAD_SECONDS));
    }

    @Override
    public boolean answered() {
      return opened;
    }

    @Override
    public void cancel() {
      subscription().cancel();
    }

    @Override
    public void opened() {
      synchronized (lock) {
        if (current != this) {
          cancel();
          return;
        }
        connection().alive();
        heardNanos = System.nanoTime();
        openedNanos = heardNanos;
        opened = true;
        owner.followed(resource, true);
      }
    }

    @Override
    public void line(byte[] line) throws IOException {
      heardNanos = System.nanoTime();
      JsonObject event = json(Buffer.buffer(line));
      synchronized (lock) {
        if (current != this) {
          throw new IOException("not wanted any more");
        }
        if (event == null || !take(event)) {
          abandon(this);
          garbage();
        }
      }
    }

    private boolean take(JsonObject event) {
      try {
        JsonObject object = event.getJsonObject("object");
        switch (event.getString("type", "")) {
          case "ADDED", "MODIFIED" -> {
            owner.changed(resource);
            objects.changed(object);
            advance(object);
          }
          case "DELETED" -> {
            owner.changed(resource);
            objects.deleted(object);
            advance(object);
          }
          case "BOOKMARK" -> advance(object);
          case "ERROR" -> {
            abandon(this);
            unexpected(object.getInteger("code", 500), "");
          }
          default -> {
            return false;
          }
        }
        return true;
      } catch (TooManyObjectsException e) {
        abandon(this);
        tooMany(e);
        return true;
      } catch (RuntimeException e) {
        return false;
      }
    }

    private void advance(JsonObject object) {
      String place = object.getJsonObject("metadata").getString("resourceVersion", "");
      if (!place.isEmpty()) {
        version = place;
        failures = 0;
        oddAnswers = 0;
        partings = 0;
      }
    }

    @Override
    public void ended(int status, String retryAfter, @Nullable Throwable failure) {
      synchronized (lock) {
        if (current != this) {
          return;
        }
        current = null;
        if (status != 0 && status != 200) {
          connection().alive();
          unexpected(status, retryAfter);
        } else if (opened && System.nanoTime() - openedNanos > GOOD_NANOS) {
          failures = 0;
          later(AT_ONCE_MILLIS);
        } else if (failure != null && isParting(failure)) {
          later(AT_ONCE_MILLIS);
        } else {
          fail(failure == null ? "the watch ended at once" : "the connection failed");
        }
      }
    }
  }
}
