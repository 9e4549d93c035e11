package io.scopegate.gateway.telemetry;

import io.scopegate.gateway.answer.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The accounts of one interval. A tenant gets one with its first request that had the right to be
 * made; names that clients merely try share one, as do all names beyond the caps, because an
 * interval must not take more memory for more names. For any thread.
 */
final class UsageLedger {
  /** Accounts of an interval, of half a kilobyte each. */
  static final int MOST_ACCOUNTS = 10_000;

  /**
   * Of these, for reads of several tenants: who may read fourteen can name them in more ways than
   * there are accounts.
   */
  static final int MOST_FEDERATED = 1_000;

  private final int most;
  private final Map<String, UsageAccount> accounts = new ConcurrentHashMap<>();
  private final UsageAccount rest = new UsageAccount("");
  private int federated;
  private boolean closed;

  UsageLedger(int most) {
    this.most = most;
  }

  /** Adds a request of a tenant's; false when the interval is over. */
  boolean add(RequestRecord t, Outcome outcome) {
    UsageAccount account = accounts.get(t.tenant);
    if (account == null) {
      account = mayBeMade(t.refusal) ? open(t.tenant) : rest;
    }
    return account.add(t, outcome);
  }

  private static boolean mayBeMade(@Nullable Refusal refusal) {
    return refusal == null
        || switch (refusal.reason()) {
          case UNAUTHENTICATED, UNDECIDED, FORBIDDEN, TENANT_INVALID -> false;
          default -> true;
        };
  }

  /** After the end it is one that is closed, too. */
  private synchronized UsageAccount open(String tenant) {
    UsageAccount known = accounts.get(tenant);
    if (known != null) {
      return known;
    }
    boolean isFederated = tenant.indexOf('|') >= 0;
    if (closed || accounts.size() >= most || isFederated && federated >= MOST_FEDERATED) {
      return rest;
    }
    federated += isFederated ? 1 : 0;
    UsageAccount made = new UsageAccount(tenant);
    accounts.put(tenant, made);
    return made;
  }

  /** Ends the interval: what is added to it no more is given to the next. */
  List<UsageAccount> close() {
    List<UsageAccount> all;
    synchronized (this) {
      closed = true;
      all = new ArrayList<>(accounts.values());
    }
    all.add(rest);
    all.forEach(UsageAccount::close);
    all.removeIf(UsageAccount::isEmpty);
    return all;
  }
}
