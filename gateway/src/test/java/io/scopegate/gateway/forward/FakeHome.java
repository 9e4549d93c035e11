package io.scopegate.gateway.forward;

import io.scopegate.gateway.exchange.PendingEnd;
import io.scopegate.gateway.exchange.StreamEnd;
import io.scopegate.gateway.http.Attempts;
import io.scopegate.gateway.http.SentRequest;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The only endpoint, or one of two: then what waits can be moved to the other one's pool. */
final class FakeHome implements Pool.Home {
  final List<String> told = new ArrayList<>();
  @Nullable Pool other;
  @Nullable ConcurrencyBound bound;
  int resent;

  /** Whether somebody else may have what a silent server does not answer. */
  boolean hasRoomElsewhere;

  /** So many attempts may fail before a request is refused. */
  int awaited;

  @Override
  public @Nullable ConcurrencyBound bound() {
    return bound;
  }

  @Override
  public boolean hasOthers() {
    return other != null;
  }

  @Override
  public void sent() {}

  @Override
  public void answered() {}

  @Override
  public void failed(Attempts.Failure why) {
    told.add("failed " + why);
  }

  @Override
  public boolean mayResend(StreamEnd client, Attempts.Failure why) {
    return why == Attempts.Failure.STALE || why == Attempts.Failure.SILENT && hasRoomElsewhere;
  }

  @Override
  public void resend(Pool from, StreamEnd client, SentRequest request) {
    resent++;
    request.sendOver(from.open(client.share()), client);
  }

  @Override
  public void connected() {
    told.add("connected");
  }

  @Override
  public void unreachable() {
    told.add("unreachable");
  }

  @Override
  public void slow() {
    told.add("slow");
  }

  @Override
  public boolean move(Pool from, PendingEnd waiting, Object owner) {
    if (other == null) {
      return false;
    }
    other.adopt(waiting, owner);
    return true;
  }

  @Override
  public boolean awaitAttempt(Pool from, PendingEnd waiting, Object owner) {
    if (waiting.failedAttempts() >= awaited) {
      return false;
    }
    from.awaitAttempt(waiting, owner);
    return true;
  }
}
