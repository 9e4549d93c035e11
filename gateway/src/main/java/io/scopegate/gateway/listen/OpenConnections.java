package io.scopegate.gateway.listen;

import io.netty.channel.Channel;
import io.scopegate.gateway.exchange.ConnectionStanding;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The open connections of a port, and which of them makes room when it is full: first what was
 * never let in, the oldest first, then what has been idle for the longest. A connection with a
 * request under way stays. For any thread.
 *
 * <p>One lock, taken three times in a connection's life.
 */
public final class OpenConnections {
  /** So many of those that were let in are compared when one has to go. */
  private static final int COMPARED = 64;

  private final Consumer<Channel> dismissal;
  private final long idleNanos;
  private final Set<Member> neverLetIn = new LinkedHashSet<>();
  private final Set<Member> letIn = new LinkedHashSet<>();
  private final Map<Long, Integer> perAddress = new HashMap<>();

  /** Why a connection was not let stay. */
  public enum Refused {
    /** The port is full, and nobody on it is idle. */
    FULL,
    /** Its address has as many as it may. */
    ADDRESS
  }

  /**
   * None yet.
   *
   * @param dismissal asks an idle connection that was let in to go; on any thread
   * @param idleNanos after how long without a request it counts as idle
   */
  public OpenConnections(Consumer<Channel> dismissal, long idleNanos) {
    this.idleNanos = idleNanos;
    this.dismissal = dismissal;
  }

  /** A connection, and how it stands. */
  public final class Member {
    private final Channel channel;
    private @Nullable Long address;
    private final ConnectionStanding standing = new ConnectionStanding(this::becomeLetIn);
    private boolean gone;

    private Member(Channel channel, boolean isClient) {
      this.channel = channel;
      this.address = isClient ? ClientAddress.of(channel.remoteAddress()) : null;
    }

    /** What it has shown for itself. */
    public ConnectionStanding standing() {
      return standing;
    }

    private void becomeLetIn() {
      synchronized (OpenConnections.this) {
        if (neverLetIn.remove(this)) {
          letIn.add(this);
        }
      }
    }
  }

  /** How many there are. */
  public synchronized int size() {
    return neverLetIn.size() + letIn.size();
  }

  /** All of them, those included that were asked to go. */
  public synchronized List<Channel> channels() {
    return Stream.concat(neverLetIn.stream(), letIn.stream()).map(m -> m.channel).toList();
  }

  /** A new connection, which is not counted yet. */
  public Member of(Channel channel) {
    return new Member(channel, true);
  }

  /** The same of one whose other end is a load balancer: see {@link #locate}. */
  public Member ofBalancer(Channel channel) {
    return new Member(channel, false);
  }

  /**
   * A connection by a load balancer is from this address.
   *
   * @param mostOfAddress how many connections one address may have; 0 for no limit
   * @return whether it may stay
   */
  public synchronized boolean locate(Member member, @Nullable Long address, int mostOfAddress) {
    if (member.gone || address == null) {
      return !member.gone;
    }
    if (mostOfAddress > 0 && perAddress.getOrDefault(address, 0) >= mostOfAddress) {
      return false;
    }
    member.address = address;
    perAddress.merge(address, 1, Integer::sum);
    return true;
  }

  /**
   * Takes in a connection, if there is room or can be made; it is forgotten when it closes.
   *
   * @param most how many there may be
   * @param mostOfAddress how many of them one address may have; 0 for no limit
   * @return why it must be closed; null when it may stay
   */
  public @Nullable Refused add(Member member, int most, int mostOfAddress) {
    Member leaving = null;
    synchronized (this) {
      if (mostOfAddress > 0 && ofAddress(member) >= mostOfAddress) {
        return Refused.ADDRESS;
      }
      if (neverLetIn.size() + letIn.size() >= most) {
        leaving = next();
        if (leaving == null) {
          return Refused.FULL;
        }
        forget(leaving);
      }
      neverLetIn.add(member);
      if (member.address != null) {
        perAddress.merge(member.address, 1, Integer::sum);
      }
    }
    member.channel.closeFuture().addListener(closed -> remove(member));
    if (leaving != null) {
      dismiss(leaving);
    }
    return null;
  }

  private void dismiss(Member leaving) {
    if (leaving.standing.isLetIn()) {
      dismissal.accept(leaving.channel);
    } else {
      leaving.channel.close();
    }
  }

  private synchronized void remove(Member member) {
    forget(member);
  }

  private void forget(Member member) {
    if (member.gone) {
      return;
    }
    member.gone = true;
    neverLetIn.remove(member);
    letIn.remove(member);
    if (member.address != null) {
      perAddress.computeIfPresent(member.address, (a, n) -> n == 1 ? null : n - 1);
    }
  }

  private int ofAddress(Member member) {
    return member.address == null ? 0 : perAddress.getOrDefault(member.address, 0);
  }

  private @Nullable Member next() {
    Iterator<Member> oldest = neverLetIn.iterator();
    return oldest.hasNext() ? oldest.next() : longestIdle();
  }

  /** Of the next few; those that were looked at come last the next time. */
  private @Nullable Member longestIdle() {
    long now = System.nanoTime();
    long longest = idleNanos;
    Member found = null;
    for (Member one : letIn.stream().limit(COMPARED).toList()) {
      letIn.remove(one);
      letIn.add(one);
      long quiet = one.standing.quietNanos(now);
      if (quiet >= longest) {
        longest = quiet;
        found = one;
      }
    }
    return found;
  }
}
