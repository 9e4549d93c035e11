package io.scopegate.gateway.forward;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * When the endpoints of a set are looked up, and who waits for the answer, on one event loop. What
 * is found goes to the set.
 */
final class EndpointLookUps {
  private static final String NOT_USED = "the upstream is not used any more";

  private final EndpointSet set;
  private final EndpointSource source;
  private final long intervalNanos;
  private final List<Consumer<Throwable>> awaiting = new ArrayList<>();
  private final List<Asking> asking = new ArrayList<>();
  private boolean looksAgain;
  private boolean lookingUp;
  private boolean isRetired;
  private long lookUpAtNanos;

  /** Somebody who wants to know which there are. */
  private record Asking(Consumer<List<EndpointAddress>> found, Consumer<Throwable> none) {}

  /**
   * Nothing is looked up before {@link #start()}.
   *
   * @param intervalNanos the time between two look-ups, while there are requests
   */
  EndpointLookUps(EndpointSet set, EndpointSource source, long intervalNanos) {
    this.set = set;
    this.source = source;
    this.intervalNanos = intervalNanos;
  }

  /** Nothing is known yet: looks up from now on, or has changes told. */
  void start() {
    looksAgain = !source.tellsOfChanges();
    lookUpAtNanos = set.nowNanos();
    if (!looksAgain) {
      set.execute(() -> source.listen(this::lookUp));
    }
  }

  /** A request came: looks up when it is time for it. */
  void request() {
    if (looksAgain && set.nowNanos() - lookUpAtNanos >= 0) {
      lookUp();
    }
  }

  /** The next request looks up. */
  void soon() {
    lookUpAtNanos = set.nowNanos();
  }

  /** Looks up, unless that is under way. */
  private void lookUp() {
    lookUpAtNanos = set.nowNanos() + intervalNanos;
    if (!lookingUp && !isRetired) {
      lookingUp = true;
      source.lookUp(new Answered());
    }
  }

  /** Looks up for a request that waits where nothing is known yet. */
  void lookUpFor(Consumer<Throwable> failed) {
    if (isRetired) {
      failed.accept(new IOException(NOT_USED));
    } else {
      awaiting.add(failed);
      lookUp();
    }
  }

  /**
   * Tells which there are now, after they were looked up where that is needed.
   *
   * @param found gets one at least
   * @param none gets why there is none
   */
  void tell(Consumer<List<EndpointAddress>> found, Consumer<Throwable> none) {
    if (isRetired) {
      none.accept(new IOException(NOT_USED));
    } else if (!looksAgain && !set.known().isEmpty()) {
      found.accept(set.known().addresses());
    } else {
      asking.add(new Asking(found, none));
      lookUp();
    }
  }

  private void tellAll(@Nullable Throwable why) {
    List<Asking> all = List.copyOf(asking);
    asking.clear();
    List<EndpointAddress> now = set.known().addresses();
    for (Asking one : all) {
      if (now.isEmpty()) {
        one.none.accept(why == null ? new IOException(NOT_USED) : why);
      } else {
        one.found.accept(now);
      }
    }
  }

  /** Looks up no more; who asks is told so. */
  void retire() {
    isRetired = true;
  }

  /** Takes the answer to a look-up. */
  private final class Answered implements EndpointSource.Answer {
    @Override
    public void found(List<EndpointAddress> now) {
      lookingUp = false;
      awaiting.clear();
      if (!isRetired) {
        set.replaceWith(now);
      }
      tellAll(null);
    }

    @Override
    public void none(Throwable why) {
      if (!isRetired && !set.known().isEmpty()) {
        set.replaceWith(List.of());
      }
      failed(why);
    }

    @Override
    public void failed(Throwable why) {
      lookingUp = false;
      List<Consumer<Throwable>> all = List.copyOf(awaiting);
      awaiting.clear();
      all.forEach(waits -> waits.accept(why));
      tellAll(why);
    }
  }
}
