package io.github.codetable.grpc;

import com.example.shop.v1.Order;
import com.example.shop.v1.Receipt;
import com.example.shop.v1.ShopGrpc;
import io.grpc.Channel;
import io.grpc.StatusException;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The kinds of stubs and of calls. */
enum Way {
  BLOCKING {
    @Override
    void call(Channel channel) {
      ShopGrpc.newBlockingStub(channel).buy(ORDER);
    }
  },
  BLOCKING_V2 {
    @Override
    void call(Channel channel) throws StatusException {
      ShopGrpc.newBlockingV2Stub(channel).buy(ORDER);
    }
  },
  FUTURE {
    @Override
    void call(Channel channel) throws Throwable {
      try {
        ShopGrpc.newFutureStub(channel).buy(ORDER).get(10, TimeUnit.SECONDS);
      } catch (ExecutionException e) {
        throw e.getCause();
      }
    }
  },
  ASYNC {
    @Override
    void call(Channel channel) throws Throwable {
      Result result = new Result();
      ShopGrpc.newStub(channel).buy(ORDER, result);
      result.get();
    }
  },
  SERVER_STREAM_BLOCKING {
    @Override
    void call(Channel channel) {
      ShopGrpc.newBlockingStub(channel).watch(ORDER).next();
    }
  },
  SERVER_STREAM {
    @Override
    void call(Channel channel) throws Throwable {
      Result result = new Result();
      ShopGrpc.newStub(channel).watch(ORDER, result);
      result.get();
    }
  },
  CLIENT_STREAM {
    @Override
    void call(Channel channel) throws Throwable {
      Result result = new Result();
      send(ShopGrpc.newStub(channel).collect(result));
      result.get();
    }
  },
  BIDI_STREAM_BLOCKING {
    @Override
    void call(Channel channel) throws Throwable {
      var call = ShopGrpc.newBlockingV2Stub(channel).talk();
      call.halfClose();
      call.read();
    }
  },
  BIDI_STREAM {
    @Override
    void call(Channel channel) throws Throwable {
      Result result = new Result();
      send(ShopGrpc.newStub(channel).talk(result));
      result.get();
    }
  };

  static final Order ORDER = Order.newBuilder().setArticle("tea").build();

  abstract void call(Channel channel) throws Throwable;

  /** Returns what the user's code gets. */
  Throwable failure(Channel channel) {
    try {
      call(channel);
    } catch (Throwable thrown) {
      return thrown;
    }
    throw new AssertionError("the call succeeded");
  }

  private static void send(StreamObserver<Order> requests) {
    requests.onNext(ORDER);
    requests.onCompleted();
  }

  /** Gets the error of an asynchronous call. */
  private static final class Result implements StreamObserver<Receipt> {
    private final CompletableFuture<Void> done = new CompletableFuture<>();

    void get() throws Throwable {
      try {
        done.get(10, TimeUnit.SECONDS);
      } catch (ExecutionException e) {
        throw e.getCause();
      } catch (TimeoutException e) {
        throw new AssertionError("the call did not end", e);
      }
    }

    @Override
    public void onNext(Receipt receipt) {}

    @Override
    public void onError(Throwable thrown) {
      done.completeExceptionally(thrown);
    }

    @Override
    public void onCompleted() {
      done.complete(null);
    }
  }
}
