import com.example.shop.v1.Order
import com.example.shop.v1.Receipt
import com.example.shop.v1.ShopCode
import com.example.shop.v1.ShopGrpc
import io.github.codetable.grpc.CodeClientInterceptor
import io.github.codetable.grpc.CodeServerInterceptor
import io.github.codetable.grpc.CodeTable
import io.github.codetable.grpc.Codes
import io.grpc.ManagedChannel
import io.grpc.Server
import io.grpc.ServerServiceDefinition
import io.grpc.Status
import io.grpc.StatusException
import io.grpc.inprocess.InProcessChannelBuilder
import io.grpc.inprocess.InProcessServerBuilder
import io.grpc.kotlin.ClientCalls
import io.grpc.kotlin.ServerCalls
import kotlin.coroutines.EmptyCoroutineContext
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.BeforeEach
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows

/** Client and server are coroutines, as the stubs of grpc-kotlin make them. */
class CoroutineTest {
  private val table = CodeTable.of(ShopCode::class.java)
  private val context = EmptyCoroutineContext
  private lateinit var server: Server
  private lateinit var channel: ManagedChannel

  @BeforeEach
  fun start() {
    val name = InProcessServerBuilder.generateName()
    val service =
      ServerServiceDefinition.builder(ShopGrpc.getServiceDescriptor())
        .addMethod(ServerCalls.unaryServerMethodDefinition(context, ShopGrpc.getBuyMethod(), ::buy))
        .addMethod(ServerCalls.serverStreamingServerMethodDefinition(context, ShopGrpc.getWatchMethod(), ::watch))
        .addMethod(ServerCalls.clientStreamingServerMethodDefinition(context, ShopGrpc.getCollectMethod(), ::collect))
        .addMethod(ServerCalls.bidiStreamingServerMethodDefinition(context, ShopGrpc.getTalkMethod(), ::talk))
        .build()
    server =
      InProcessServerBuilder.forName(name)
        .intercept(CodeServerInterceptor.of(table))
        .addService(service)
        .build()
        .start()
    channel = InProcessChannelBuilder.forName(name).intercept(CodeClientInterceptor.of(table)).build()
  }

  @AfterEach
  fun stop() {
    channel.shutdownNow()
    server.shutdownNow()
  }

  private suspend fun buy(order: Order): Receipt =
    if (order.article == "bug") error("secret") else throw table.error(ShopCode.SHOP_CODE_SOLD_OUT)

  private fun watch(order: Order): Flow<Receipt> = flow { emit(buy(order)) }

  private suspend fun collect(orders: Flow<Order>): Receipt = buy(orders.toList().first())

  private fun talk(orders: Flow<Order>): Flow<Receipt> = flow { emit(collect(orders)) }

  private fun <R> fail(call: suspend () -> R): StatusException =
    assertThrows<StatusException> { runBlocking { call() } }

  private val tea = Order.newBuilder().setArticle("tea").build()

  @Test
  fun everyKindOfCallHasTheCode() {
    val failures =
      listOf(
        fail { ClientCalls.unaryRpc(channel, ShopGrpc.getBuyMethod(), tea) },
        fail { ClientCalls.serverStreamingRpc(channel, ShopGrpc.getWatchMethod(), tea).toList() },
        fail { ClientCalls.clientStreamingRpc(channel, ShopGrpc.getCollectMethod(), flow { emit(tea) }) },
        fail { ClientCalls.bidiStreamingRpc(channel, ShopGrpc.getTalkMethod(), flow { emit(tea) }).toList() },
      )
    for (failure in failures) {
      assertEquals(Status.Code.NOT_FOUND, failure.status.code)
      val error = Codes.from(failure).orElseThrow { failure }
      when (error.code(table)) {
        ShopCode.SHOP_CODE_SOLD_OUT -> assertEquals("Der Artikel ist ausverkauft.", error.userMessage("de"))
        else -> throw failure
      }
    }
  }

  @Test
  fun anErrorWithoutACodeIsHidden() {
    val bug = Order.newBuilder().setArticle("bug").build()
    val failure = fail { ClientCalls.unaryRpc(channel, ShopGrpc.getBuyMethod(), bug) }
    assertTrue(Codes.from(failure).orElseThrow().masked())
    assertEquals("internal error", failure.status.description)
  }
}
