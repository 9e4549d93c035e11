package io.scopegate.testkit.kubernetes;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The watches that are open, and their events. */
final class Watches {
  private final Vertx vertx;
  private final ObjectStore store;
  private final Set<Watch> open = ConcurrentHashMap.newKeySet();

  Watches(Vertx vertx, ObjectStore store) {
    this.vertx = vertx;
    this.store = store;
  }

  /** How many are open. */
  int count() {
    return open.size();
  }

  /** Ends all as a server does that restarts. */
  void drop() {
    open.forEach(Watch::end);
  }

  /** Tells all how far they have come. */
  void bookmark() {
    long revision = store.revision();
    open.forEach(watch -> watch.bookmark(revision, false));
  }

  /**
   * Sends a bookmark to the watches that asked for bookmarks, as a server does about every minute.
   */
  void bookmarkIfWanted() {
    long revision = store.revision();
    open.stream()
        .filter(watch -> watch.wantsBookmarks)
        .forEach(watch -> watch.bookmark(revision, false));
  }

  void start(HttpServerRequest request, RequestPath path, Resource resource) {
    Watch watch =
        new Watch(
            request.response(), resource, Objects.selected(request), Objects.isPartial(request));
    watch.wantsBookmarks = "true".equals(request.getParam("allowWatchBookmarks"));
    long since = number(request.getParam("resourceVersion"));
    boolean initial = "true".equals(request.getParam("sendInitialEvents"));
    watch.response.setChunked(true).putHeader("content-type", "application/json");
    try {
      watch.onEnd(store.watch(resource, path.namespace(), initial ? 0 : since, watch::offer));
    } catch (ApiException e) {
      watch.write("ERROR", e.status());
      watch.response.end();
      return;
    }
    open.add(watch);
    watch.response.closeHandler(closed -> watch.forget());
    watch.response.exceptionHandler(gone -> watch.forget());
    if (initial) {
      watch.bookmark(store.revision(), true);
    }
    long seconds = number(request.getParam("timeoutSeconds"));
    if (seconds > 0) {
      vertx.setTimer(seconds * 1_000, due -> watch.end());
    }
    // The head must reach the client although nothing may happen for long.
    watch.response.writeHead();
  }

  private static long number(@Nullable String value) {
    try {
      return value == null || value.isEmpty() ? 0 : Long.parseLong(value);
    } catch (NumberFormatException e) {
      throw ApiException.badRequest("not a number: " + value);
    }
  }

  private final class Watch {
    private final HttpServerResponse response;
    private final Resource resource;
    private final Predicate<JsonObject> wanted;
    private final boolean partial;
    private final Context context = vertx.getOrCreateContext();
    private Runnable unwatch = () -> {};
    private boolean wantsBookmarks;

    Watch(
        HttpServerResponse response,
        Resource resource,
        Predicate<JsonObject> wanted,
        boolean partial) {
      this.response = response;
      this.resource = resource;
      this.wanted = wanted;
      this.partial = partial;
    }

    void onEnd(Runnable action) {
      unwatch = action;
    }

    void offer(ObjectStore.Change change) {
      if (wanted.test(change.object())) {
        JsonObject seen = partial ? Objects.partial(change.object()) : change.object();
        context.runOnContext(go -> write(change.type(), seen));
      }
    }

    void bookmark(long revision, boolean initialEnd) {
      JsonObject metadata = new JsonObject().put("resourceVersion", Long.toString(revision));
      if (initialEnd) {
        metadata.put("annotations", new JsonObject().put("k8s.io/initial-events-end", "true"));
      }
      JsonObject object =
          new JsonObject()
              .put("kind", partial ? "PartialObjectMetadata" : resource.kind())
              .put("apiVersion", partial ? "meta.k8s.io/v1" : resource.apiVersion())
              .put("metadata", metadata);
      context.runOnContext(go -> write("BOOKMARK", object));
    }

    void write(String type, JsonObject object) {
      if (!response.ended() && !response.closed()) {
        JsonObject event = new JsonObject().put("type", type).put("object", object);
        response.write(event.toBuffer().appendString("\n"));
      }
    }

    void end() {
      context.runOnContext(go -> {
        forget();
        if (!response.ended() && !response.closed()) {
          response.end();
        }
      });
    }

    void forget() {
      open.remove(this);
      unwatch.run();
    }
  }
}
