package io.scopegate.gateway.limit;

import io.lettuce.core.ScriptOutputType;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The shared budgets in Redis: one key for each budget, which expires when the budget is full
 * again, and one for the replicas. One script does an exchange, by Redis' own clock. A connection
 * that had any error is not used again: a new one may reach another server.
 */
final class RedisBudgetStore implements SharedBudgetStore {
  private static final long PING_SECONDS = 6;

  /**
   * Keys: the replicas, then the budgets. Arguments: this replica; then for each budget what was
   * spent, what fills up in a second, and the most. A budget is kept as its balance, the time in
   * microseconds and the most; when that has changed, the used part remains used. What is not
   * readable counts as full. The answer is the number of replicas and the balances.
   */
  private static final String SCRIPT =
      """
      local time = redis.call('TIME')
      local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
      local seconds = tonumber(time[1])
      redis.call('ZADD', KEYS[1], seconds, ARGV[1])
      redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', seconds - 10)
      redis.call('EXPIRE', KEYS[1], 20)
      local answer = {redis.call('ZCARD', KEYS[1])}
      for i = 2, #KEYS do
        local spent = tonumber(ARGV[3 * i - 4])
        local rate = math.max(tonumber(ARGV[3 * i - 3]), 1e-6)
        local most = tonumber(ARGV[3 * i - 2])
        local balance = most
        local held = redis.pcall('GET', KEYS[i])
        if type(held) == 'string' then
          local b, t, m = string.match(held, '^(%S+) (%S+) (%S+)$')
          b, t, m = tonumber(b), tonumber(t), tonumber(m)
          if b and t and m and m > 0 then
            if m ~= most then b = b * most / m end
            balance = math.min(most, b + math.max(0, now - t) * rate / 1000000)
          end
        end
        balance = math.min(most, balance - spent)
        if balance < most then
          local filling = math.min(math.ceil((most - balance) / rate * 1000) + 1, 2592000000)
          redis.call('SET', KEYS[i], string.format('%.3f %.0f %.0f', balance, now, most),
            'PX', string.format('%.0f', filling))
        else
          redis.call('DEL', KEYS[i])
        end
        answer[i] = math.floor(balance)
      end
      return answer
      """;

  private final RedisConnections connections;
  private final String prefix;
  private final String replica = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
  private RedisConnections.@Nullable Connection connection;
  private @Nullable Promise<Answer> underWay;
  private boolean closed;

  /** Connects with the first exchange. */
  RedisBudgetStore(StoreConfig config) {
    this.prefix = prefix(config);
    this.connections = RedisConnections.of(config);
  }

  /** Of all keys: those of one script have to be in one slot of a cluster. */
  static String prefix(StoreConfig config) {
    return config.cluster() ? "{" + config.prefix() + "}" : config.prefix();
  }

  @Override
  public String place() {
    return connections.shown();
  }

  /** As {@link LimitStore#ping}. */
  static String ping(StoreConfig config) throws IOException {
    try (RedisConnections once = RedisConnections.of(config)) {
      try {
        RedisConnections.Connection open = await(once.connect());
        await(open.eval("return 1", ScriptOutputType.INTEGER, new String[] {prefix(config)}));
        return once.shown();
      } catch (ExecutionException e) {
        throw new IOException(once.shown(), e.getCause());
      } catch (TimeoutException e) {
        throw new IOException(once.shown(), new IOException("no answer"));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException(once.shown(), e);
      }
    }
  }

  private static <T> T await(CompletionStage<T> stage)
      throws ExecutionException, TimeoutException, InterruptedException {
    return stage.toCompletableFuture().get(PING_SECONDS, TimeUnit.SECONDS);
  }

  @Override
  public synchronized Future<Answer> exchange(List<Entry> entries) {
    Promise<Answer> answer = Promise.promise();
    if (closed) {
      answer.fail("closed");
      return answer.future();
    }
    underWay = answer;
    RedisConnections.Connection open = connection;
    if (open != null && open.isOpen()) {
      ask(open, entries, answer);
    } else {
      connect(entries, answer);
    }
    return answer.future();
  }

  private void connect(List<Entry> entries, Promise<Answer> answer) {
    CompletionStage<RedisConnections.Connection> connecting;
    try {
      connecting = connections.connect();
    } catch (RuntimeException e) { // what TLS needs is not there, for one
      answer.fail(e);
      return;
    }
    connecting.whenComplete((open, failure) -> {
      if (open == null) {
        answer.tryFail(failure == null ? new IllegalStateException("no connection") : failure);
      } else if (take(open, answer)) {
        ask(open, entries, answer);
      } else {
        open.closeAsync();
      }
    });
  }

  /** Keeps a connection, unless nobody waits for it any more. */
  private synchronized boolean take(RedisConnections.Connection open, Promise<Answer> answer) {
    if (closed || underWay != answer) {
      return false;
    }
    connection = open;
    return true;
  }

  private void ask(RedisConnections.Connection open, List<Entry> entries, Promise<Answer> answer) {
    String[] keys = new String[entries.size() + 1];
    List<String> arguments = new ArrayList<>(3 * entries.size() + 1);
    keys[0] = prefix + ":replicas";
    arguments.add(replica);
    for (int i = 0; i < entries.size(); i++) {
      Entry entry = entries.get(i);
      keys[i + 1] = prefix + ":" + entry.key();
      arguments.add(Long.toString(entry.spent()));
      arguments.add(Double.toString(entry.perSecond()));
      arguments.add(Long.toString(entry.most()));
    }
    try {
      open.<List<Object>>eval(
              SCRIPT, ScriptOutputType.MULTI, keys, arguments.toArray(String[]::new))
          .whenComplete((reply, failure) -> answered(answer, reply, failure));
    } catch (RuntimeException e) { // closed in between
      answered(answer, null, e);
    }
  }

  private void answered(
      Promise<Answer> answer, @Nullable List<Object> reply, @Nullable Throwable failure) {
    Answer read = reply == null ? null : read(reply);
    if (read != null) {
      answer.tryComplete(read);
      return;
    }
    disconnect(answer);
    answer.tryFail(
        failure == null ? new IllegalStateException("unexpected answer of the script") : failure);
  }

  /** Null when it is not a list of numbers. */
  static @Nullable Answer read(List<Object> reply) {
    List<Long> numbers = new ArrayList<>(reply.size());
    for (Object value : reply) {
      if (!(value instanceof Long number)) {
        return null;
      }
      numbers.add(number);
    }
    return numbers.isEmpty()
        ? null
        : new Answer(
            (int) Math.min(numbers.get(0), MOST_REPLICAS), numbers.subList(1, numbers.size()));
  }

  private synchronized void disconnect(Promise<Answer> ofWhich) {
    RedisConnections.Connection open = connection;
    if (open != null && underWay == ofWhich) {
      connection = null;
      open.closeAsync();
    }
  }

  @Override
  public void drop() {
    Promise<Answer> given;
    synchronized (this) {
      given = underWay;
      if (given != null) {
        disconnect(given);
      }
      underWay = null;
    }
    if (given != null) {
      given.tryFail("no answer");
    }
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    drop();
    connections.close();
  }
}
