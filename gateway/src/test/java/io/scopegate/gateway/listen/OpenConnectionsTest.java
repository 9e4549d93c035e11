package io.scopegate.gateway.listen;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.Channel;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OpenConnectionsTest {
  private static final int MOST = 3;

  private final List<Channel> dismissed = new ArrayList<>();
  private final OpenConnections connections = new OpenConnections(dismissed::add, 0);
  private final List<EmbeddedChannel> channels = new ArrayList<>();

  @AfterEach
  void close() {
    channels.forEach(EmbeddedChannel::finishAndReleaseAll);
  }

  private static final class FromAddress extends EmbeddedChannel {
    private final byte[] address;

    FromAddress(int last) {
      this.address = new byte[] {10, 0, 0, (byte) last};
    }

    @Override
    protected SocketAddress remoteAddress0() {
      try {
        return new InetSocketAddress(
            InetAddress.getByAddress(address == null ? new byte[4] : address), 1);
      } catch (java.net.UnknownHostException e) {
        throw new AssertionError(e);
      }
    }
  }

  private OpenConnections.Member member(int address) {
    EmbeddedChannel channel = new FromAddress(address);
    channels.add(channel);
    return connections.of(channel);
  }

  private OpenConnections.@Nullable Refused add(OpenConnections.Member member) {
    OpenConnections.Refused refused = connections.add(member, MOST, 2);
    channels.forEach(EmbeddedChannel::runPendingTasks);
    return refused;
  }

  private OpenConnections.Member opened(int address) {
    OpenConnections.Member member = member(address);
    assertThat(add(member)).isNull();
    return member;
  }

  private boolean isOpen(int index) {
    return channels.get(index).isOpen();
  }

  @Test
  void closesTheOldestThatWasNeverLetIn() {
    opened(1).standing().letIn();
    opened(2);
    opened(3);
    opened(4);

    assertThat(isOpen(0)).isTrue();
    assertThat(isOpen(1)).isFalse();
    assertThat(isOpen(2)).isTrue();
    assertThat(connections.size()).isEqualTo(MOST);
  }

  @Test
  void asksTheIdleOneToGoWhenAllWereLetIn() {
    OpenConnections.Member busy = opened(1);
    OpenConnections.Member idle = opened(2);
    OpenConnections.Member alsoBusy = opened(3);
    for (OpenConnections.Member one : List.of(busy, idle, alsoBusy)) {
      one.standing().begin();
      one.standing().letIn();
    }
    idle.standing().end(System.nanoTime());
    opened(4);

    assertThat(dismissed).containsExactly(channels.get(1));
    assertThat(connections.size()).isEqualTo(MOST);
  }

  @Test
  void refusesTheNewOneWhenAllOthersAreServed() {
    for (int i = 0; i < MOST; i++) {
      OpenConnections.Member one = opened(i);
      one.standing().begin();
      one.standing().letIn();
    }

    assertThat(add(member(9))).isEqualTo(OpenConnections.Refused.FULL);
    assertThat(dismissed).isEmpty();
  }

  @Test
  void anAddressHasNoMoreThanItsShareUntilOneOfItsOwnCloses() {
    opened(1);
    opened(1);
    assertThat(add(member(1))).isEqualTo(OpenConnections.Refused.ADDRESS);

    channels.get(0).close();
    opened(1);
    opened(2);

    assertThat(connections.size()).isEqualTo(MOST);
    assertThat(connections.channels())
        .containsExactlyInAnyOrder(channels.get(1), channels.get(3), channels.get(4));
  }
}
