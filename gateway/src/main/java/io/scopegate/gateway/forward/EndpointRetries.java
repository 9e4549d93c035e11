package io.scopegate.gateway.forward;

import io.scopegate.gateway.exchange.Exchange;
import io.scopegate.gateway.exchange.PendingEnd;
import io.scopegate.gateway.exchange.StreamEnd;
import io.scopegate.gateway.exchange.TenantMemoryShare;
import io.scopegate.gateway.http.Attempts.Failure;
import io.scopegate.gateway.http.SentRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which requests of a set of endpoints get another one, since they wait in vain or have failed, on
 * one event loop: as far as {@code retries} goes, and a budget that is a share of all requests.
 */
final class EndpointRetries {
  /** A request is moved to so many other endpoints while it waits for a connection. */
  private static final int MOST_MOVES = 5;

  private final EndpointSet set;
  private final RetryBudget budget;
  private final int most;

  EndpointRetries(EndpointSet set, RetriesConfig config) {
    this.set = set;
    budget = new RetryBudget(config.budget());
    most = config.max();
  }

  /** A request came, which allows a part of another one. */
  void request() {
    budget.request();
  }

  /**
   * Whether one may be sent once more now; takes it from the budget.
   *
   * @param tenant whose it is; null for nobody's
   */
  boolean take(@Nullable TenantMemoryShare tenant) {
    return budget.take(tenant);
  }

  /** Lets a request that waits for one endpoint wait for another one. */
  boolean move(UpstreamEndpoint from, boolean http2, PendingEnd waiting, Object owner) {
    UpstreamEndpoint to =
        set.pick(set.used().stream().filter(UpstreamEndpoint::isUsable).toList(), from);
    if (to == null) {
      to =
          set.pick(
              set.known().all().stream().filter(UpstreamEndpoint::takesConnections).toList(), from);
    }
    if (to == null || waiting.moved() > MOST_MOVES) {
      return false;
    }
    to.pool(http2).adopt(waiting, owner);
    return true;
  }

  /**
   * Lets a request wait for the next attempt to connect, where all have failed lately: for one at
   * each endpoint, and a read for more rounds of them, as far as retries go. While none is known,
   * the attempt is a look-up.
   */
  boolean awaitAttempt(UpstreamEndpoint from, boolean http2, PendingEnd waiting, Object owner) {
    int failed = waiting.failedAttempts();
    int round = Math.min(MOST_MOVES, Math.max(1, set.known().all().size()));
    if (failed >= round && failed % round == 0 && !mayWaitOn(waiting, failed / round)) {
      return false;
    }
    (failed == 0 || set.known().isEmpty() ? from : next(from))
        .pool(http2)
        .awaitAttempt(waiting, owner);
    return true;
  }

  private boolean mayWaitOn(PendingEnd waiting, int rounds) {
    StreamEnd client = waiting.client();
    Exchange x = client == null ? null : client.servedExchange();
    return client != null
        && x != null
        && x.isRepeatable()
        && rounds <= most
        && budget.take(client.share());
  }

  private UpstreamEndpoint next(UpstreamEndpoint one) {
    List<UpstreamEndpoint> all = List.copyOf(set.known().all());
    return all.get((all.indexOf(one) + 1) % all.size());
  }

  /** Whether a request is sent again; it is counted then. */
  boolean mayResend(UpstreamEndpoint from, StreamEnd client, Failure why) {
    Exchange x = client.servedExchange();
    if (x == null || x.ended()) {
      return false;
    }
    if (why == Failure.STALE) {
      return x.isRepeatable(); // each time a dead connection is gone, so there is an end to it
    }
    if (x.record.retries >= most) {
      return false;
    }
    boolean may =
        switch (why) {
          case GOAWAY, STALE -> true;
          case REFUSED -> budget.take(client.share());
          case LOST, RESET, BAD_ANSWER, SILENT ->
              x.isRepeatable() && hasGoodOther(from) && budget.take(client.share());
        };
    if (may) {
      x.record.retries++;
    }
    return may;
  }

  private boolean hasGoodOther(UpstreamEndpoint from) {
    if (!set.hasSeveral()) {
      return false;
    }
    if (!isGoodOther(from)) {
      set.missesOther(from);
    }
    return isGoodOther(from);
  }

  private boolean isGoodOther(UpstreamEndpoint from) {
    return set.good().stream().anyMatch(one -> one != from);
  }

  /** Sends a request again: if possible to another endpoint, which is well. */
  void resend(UpstreamEndpoint from, boolean http2, StreamEnd client, SentRequest request) {
    set.meters().retried();
    request.sendOver(another(from).pool(http2).open(client.share()), client);
  }

  private UpstreamEndpoint another(UpstreamEndpoint from) {
    UpstreamEndpoint only = set.only();
    if (only != null) {
      return only;
    }
    UpstreamEndpoint well = set.pick(set.good(), from);
    UpstreamEndpoint any = well == null ? set.pick(set.used(), from) : well;
    return any == null ? from : any;
  }
}
