package io.scopegate.gateway.limit;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;

/** The account in memory, as the script in Redis keeps it, with the outages that a test wants. */
final class SharedBudgetStoreStandIn {
  private final LongSupplier nanos;
  private final Map<String, Balance> balances = new HashMap<>();
  private final Set<Object> replicas = new HashSet<>();
  private State state = State.ANSWERS;

  /** How it behaves. */
  enum State {
    ANSWERS,
    REFUSES,
    HANGS
  }

  private record Balance(double units, long nanos, long most) {}

  SharedBudgetStoreStandIn(LongSupplier nanos) {
    this.nanos = nanos;
  }

  void become(State next) {
    state = next;
  }

  /** As a server without a disk that was restarted. */
  void forget() {
    balances.clear();
    replicas.clear();
  }

  long keys() {
    return balances.size();
  }

  /** What one replica sees of it. */
  Replica replica() {
    return new Replica();
  }

  private SharedBudgetStore.Answer answer(Object replica, List<SharedBudgetStore.Entry> entries) {
    replicas.add(replica);
    List<Long> answer = new ArrayList<>();
    entries.forEach(entry -> answer.add(balance(entry)));
    return new SharedBudgetStore.Answer(replicas.size(), answer);
  }

  private long balance(SharedBudgetStore.Entry entry) {
    long now = nanos.getAsLong();
    Balance held = balances.getOrDefault(entry.key(), new Balance(entry.most(), now, entry.most()));
    double before = held.units() * entry.most() / held.most();
    double filled = Math.min(entry.most(), before + (now - held.nanos()) / 1e9 * entry.perSecond());
    double units = Math.min(entry.most(), filled - entry.spent());
    if (units < entry.most()) {
      balances.put(entry.key(), new Balance(units, now, entry.most()));
    } else {
      balances.remove(entry.key());
    }
    return (long) Math.floor(units);
  }

  /** A connection to it. */
  final class Replica implements SharedBudgetStore {
    private Promise<Answer> pending = Promise.promise();
    private List<Entry> asked = List.of();
    private boolean drops;
    private int exchanges;

    @Override
    public Future<Answer> exchange(List<Entry> entries) {
      exchanges++;
      if (state == State.REFUSES) {
        return Future.failedFuture("refused\nby the test");
      }
      if (state == State.ANSWERS) {
        return Future.succeededFuture(answer(this, entries));
      }
      pending = Promise.promise();
      asked = entries;
      return pending.future();
    }

    @Override
    public String place() {
      return "store:1";
    }

    /** What it was asked while it hung is answered now. */
    void goOn() {
      if (!pending.future().isComplete()) {
        pending.complete(answer(this, asked));
      }
    }

    /** What it was asked while it hung is answered with this. */
    void answerWith(Answer answer) {
      pending.complete(answer);
    }

    /** How often it was asked. */
    int exchanges() {
      return exchanges;
    }

    boolean wasDropped() {
      return drops;
    }

    @Override
    public void drop() {
      drops = true;
      pending.tryFail("dropped");
    }

    @Override
    public void close() {
      drop();
    }
  }
}
