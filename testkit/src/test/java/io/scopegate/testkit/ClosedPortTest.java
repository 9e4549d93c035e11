package io.scopegate.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.junit.jupiter.api.Test;

class ClosedPortTest {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  @Test
  void refusesConnections() {
    try (ClosedPort port = ClosedPort.any()) {
      assertThatThrownBy(() -> new Socket(LOOPBACK, port.number()))
          .isInstanceOf(ConnectException.class);
    }
  }

  @Test
  void aServerThatNamesItMayListenThereAndLeaveAgain() throws IOException {
    try (ClosedPort port = ClosedPort.any()) {
      try (ServerSocket server = new ServerSocket(port.number(), 1, LOOPBACK);
          Socket client = new Socket(LOOPBACK, port.number())) {
        assertThat(client.getPort()).isEqualTo(server.getLocalPort());
      }
      assertThatThrownBy(() -> new Socket(LOOPBACK, port.number()))
          .isInstanceOf(ConnectException.class);
    }
  }

  @Test
  void holdsAPortThatAServerHasLeft() throws IOException {
    int left;
    try (ServerSocket server = new ServerSocket(0, 1, LOOPBACK)) {
      left = server.getLocalPort();
    }
    try (ClosedPort port = ClosedPort.at(left)) {
      assertThat(port.number()).isEqualTo(left);
    }
  }

  @Test
  void aPortFromWhichSomebodyHasConnectedMeanwhileIsClosedAsWell() throws IOException {
    try (ServerSocket server = new ServerSocket(0, 1, LOOPBACK);
        Socket client = new Socket(LOOPBACK, server.getLocalPort());
        ClosedPort port = ClosedPort.at(client.getLocalPort())) {
      assertThat(port.number()).isEqualTo(client.getLocalPort());
      assertThatThrownBy(() -> new Socket(LOOPBACK, port.number()))
          .isInstanceOf(ConnectException.class);
    }
  }
}
