package io.scopegate.gateway.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Connections whose first head does not come. */
class YoungConnectionsTest {
  private final YoungConnections young = new YoungConnections();
  private final EmbeddedChannel server = new EmbeddedChannel(young);

  /** A client's. */
  private static final class Connection extends EmbeddedChannel {
    private final int port;

    Connection(int port) {
      this.port = port;
    }

    @Override
    protected SocketAddress remoteAddress0() {
      return new InetSocketAddress("127.0.0.1", port);
    }
  }

  @BeforeEach
  void freezeTime() {
    server.freezeTime();
  }

  @AfterEach
  void close() {
    server.close();
  }

  private Connection accepted(int port) {
    Connection connection = new Connection(port);
    server.writeInbound(connection);
    return connection;
  }

  private void pass(int seconds) {
    server.advanceTimeBy(seconds, TimeUnit.SECONDS);
    server.runScheduledPendingTasks();
  }

  @Test
  void areClosedWhenNoHeadCameInTime() {
    Connection first = accepted(1);
    pass(YoungConnections.PATIENCE_SECONDS - 1);
    Connection second = accepted(2);
    assertThat(first.isOpen()).isTrue();

    pass(1);

    assertThat(first.isOpen()).isFalse();
    assertThat(second.isOpen()).isTrue();
    assertThat(young.count()).isEqualTo(1);
  }

  @Test
  void leaveThePlaceToOthersAndTheOldestGoesFirst() {
    Connection first = accepted(1);
    for (int i = 2; i <= YoungConnections.MOST + 1; i++) {
      assertThat(accepted(i).isOpen()).isTrue();
    }
    assertThat(first.isOpen()).isFalse();
    assertThat(young.count()).isEqualTo(YoungConnections.MOST);
  }

  @Test
  void thatCloseByThemselvesAreForgotten() {
    Connection first = accepted(1);
    first.close();
    assertThat(young.count()).isZero();

    Connection samePort = accepted(1);
    pass(YoungConnections.PATIENCE_SECONDS - 1);
    assertThat(samePort.isOpen()).isTrue();
  }
}
